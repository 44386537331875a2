/* loadgen: closed-loop HTTP / SSE / WebSocket load generator, one epoll loop, loopback only, JSON result.
 *
 *   gcc -O2 -o loadgen loadgen.c -lm
 *   ./loadgen -m http -u http://127.0.0.1:9000/v1/chat/completions -c 64 -t 5 -W 1 -H 'Authorization: Bearer x' -b '{"model":"fake","messages":[..{SEQ}..]}'
 *   ./loadgen -m sse  ... (counts [DONE]; TTFT, gaps and lag come from the ~marker~ the fake upstream puts in each token)
 *   ./loadgen -m ws   -u http://127.0.0.1:8000/ws/chat/ -c 100 -i '{"type":"init"}' -b '{"type":"message","text":"{SEQ}"}' -D '"type":"done"' -E '"type":"error"' [-R '"type":"ready"']
 * -c connections  -t measured seconds  -W warm-up seconds (not counted)  -N stop after N requests  -o per-request timeout s
 * -r ramp: start connections spread over that many ms   -g think time ms between requests on a connection
 * -D text that marks a complete stream   -E text that marks an application error   -i sent once when a websocket opens
 * -K file with one header line per row: connection n sends row n (modulo), so that many people can be played
 * -a only so many of the connections ask, evenly spread over all; the other websockets are open, answer pings and listen
 * cpu_s in the result is this program's own user and system time over the whole run: near 1 per second it is the bottleneck
 * {SEQ} in the body / ws message = unique number; {CONN} = connection number.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { M_HTTP, M_SSE, M_WS };
enum { S_DEAD, S_CONN, S_HEAD, S_BODY, S_WSHS, S_WSREADY, S_IDLE, S_BUSYWS, S_OPEN };
enum { B_LEN, B_CHUNK, B_CLOSE };
typedef struct { const char *s; int n; int f[128]; } kmp;
typedef struct { int64_t *v; size_t n, cap; } arr;
typedef struct {
  int fd, st, no, wantw; int64_t t0, tfirst, tlast, wake; uint32_t seq;
  char *out; int outlen, outpos, outcap;
  char hd[16384]; int hn;
  int status, bmode, close_after; int64_t left; int cst; int64_t csz;
  int kd, ke, kr, kf; int mk; uint64_t mv; int done, err; int marks;
  uint8_t wh[14]; int whn; int64_t wleft; int wop;
} conn;
static int mode = M_HTTP, C = 1, T = 5, W = 1, to = 30, ramp = 0, think = 0, askers = -1; static long N = 0;
static char host[64] = "127.0.0.1", path[512] = "/"; static int port; static const char *body = "", *init, *url;
static kmp KD, KE, KR, KF; static int haveE, haveR;
static char hdrs[8192], *own[4096]; static int owns; static int EP; static conn *cs; static uint32_t SEQ;
static arr lat, ttft, gap, lag;
static int64_t tw, tend, tnow; static long ok, frames, marks, bytes_in, started, asked, done_all; static long e_status[600], e_conn, e_cut, e_timeout, e_app, e_nodone; static int stop_n;
static int64_t now_us(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000; }
static void push(arr *a, int64_t v) { if (a->n == a->cap) { a->cap = a->cap ? a->cap * 2 : 4096; a->v = realloc(a->v, a->cap * sizeof *a->v); } a->v[a->n++] = v; }
static void kinit(kmp *k, const char *s) { k->s = s; k->n = strlen(s) > 127 ? 127 : strlen(s); k->f[0] = 0; for (int i = 1, j = 0; i < k->n; i++) { while (j && s[i] != s[j]) j = k->f[j - 1]; if (s[i] == s[j]) j++; k->f[i] = j; } }
static inline int kstep(kmp *k, int *st, char ch) { int j = *st; while (j && k->s[j] != ch) j = k->f[j - 1]; if (k->s[j] == ch) j++; if (j == k->n) { *st = k->f[j - 1]; return 1; } *st = j; return 0; }
static int meas(void) { return tnow >= tw && tnow <= tend; }
static void scan(conn *c, const char *p, int n) {
  for (int i = 0; i < n; i++) {
    char ch = p[i];
    if (ch == '~') {
      if (c->mk == 14) {
        int64_t ts = (int64_t)c->mv; c->marks++;
        if (!c->tfirst) { c->tfirst = tnow; if (meas()) push(&ttft, tnow - c->t0); } else if (meas()) push(&gap, tnow - c->tlast);
        c->tlast = tnow; if (meas()) { marks++; push(&lag, tnow - ts); } c->mk = 0;
      } else { c->mk = 1; c->mv = 0; }
    } else if (c->mk) { if (c->mk < 14 && ch >= 'a' && ch <= 'p') { c->mv = c->mv << 4 | (uint64_t)(ch - 'a'); c->mk++; } else c->mk = 0; }
    if (mode != M_HTTP) { if (kstep(&KD, &c->kd, ch)) c->done = 1; }
    if (mode == M_SSE && kstep(&KF, &c->kf, ch) && meas()) frames++;
    if (haveE && kstep(&KE, &c->ke, ch)) c->err = 1;
  }
}
static int asks(conn *c) { return askers < 0 || (long)c->no * askers / C != (long)(c->no + 1) * askers / C; }
static const char *own_header(conn *c) { return owns ? own[c->no % owns] : ""; }
static void read_own(const char *name) {
  FILE *f = fopen(name, "r"); char line[2048]; if (!f) { perror(name); exit(2); }
  while (owns < 4096 && fgets(line, sizeof line - 2, f)) { line[strcspn(line, "\r\n")] = 0; if (*line) { strcat(line, "\r\n"); own[owns++] = strdup(line); } }
  fclose(f);
}
static void mod(conn *c, int w) { struct epoll_event e = {.events = EPOLLIN | (w ? EPOLLOUT : 0), .data.ptr = c}; epoll_ctl(EP, EPOLL_CTL_MOD, c->fd, &e); c->wantw = w; }
static void put(conn *c, const char *s, int n) { if (c->outpos == c->outlen) c->outpos = c->outlen = 0; if (c->outlen + n > c->outcap) { c->outcap = c->outlen + n + 4096; c->out = realloc(c->out, c->outcap); } memcpy(c->out + c->outlen, s, n); c->outlen += n; }
static void dead(conn *c) { if (c->fd >= 0) close(c->fd); c->fd = -1; c->st = S_DEAD; c->wake = now_us() + 20000; c->outlen = c->outpos = 0; }
static int flush_out(conn *c) { while (c->outpos < c->outlen) { ssize_t r = send(c->fd, c->out + c->outpos, c->outlen - c->outpos, MSG_NOSIGNAL); if (r < 0) { if (errno == EAGAIN) { if (!c->wantw) mod(c, 1); return 0; } return -1; } c->outpos += r; } if (c->wantw) mod(c, 0); return 1; }
static char *expand(conn *c, const char *t, int *n) {
  static char *b; static int cap; int need = strlen(t) + 256; if (cap < need) b = realloc(b, cap = need); int k = 0;
  while (*t) { if (!strncmp(t, "{SEQ}", 5)) { k += sprintf(b + k, "%08u", c->seq); t += 5; } else if (!strncmp(t, "{CONN}", 6)) { k += sprintf(b + k, "%05d", c->no); t += 6; } else b[k++] = *t++; if (k > cap - 64) b = realloc(b, cap *= 2); }
  b[k] = 0; *n = k; return b;
}
static void ws_send(conn *c, const char *s, int n, int op) { uint8_t h[14]; int k = 0; h[k++] = 0x80 | op; if (n < 126) h[k++] = 0x80 | n; else if (n < 65536) { h[k++] = 0x80 | 126; h[k++] = n >> 8; h[k++] = n; } else { h[k++] = 0x80 | 127; for (int i = 7; i >= 0; i--) h[k++] = (uint64_t)n >> (8 * i); } for (int i = 0; i < 4; i++) h[k++] = 0; put(c, (char *)h, k); put(c, s, n); }
static void reset_req(conn *c) { c->hn = 0; c->tfirst = c->tlast = 0; c->kd = c->ke = c->kf = c->mk = 0; c->done = c->err = c->marks = 0; c->t0 = now_us(); c->seq = ++SEQ; started++; if (c->t0 >= tw && c->t0 <= tend) asked++; }
static void start_req(conn *c) {
  if (N && started >= N) { c->st = S_IDLE; c->wake = INT64_MAX; return; }
  reset_req(c); int n; char *b = expand(c, body, &n);
  if (mode == M_WS) { c->st = S_BUSYWS; ws_send(c, b, n, 1); }
  else { char h[10240]; int k = snprintf(h, sizeof h, "%s %s HTTP/1.1\r\nHost: %s:%d\r\n%s%s", n ? "POST" : "GET", path, host, port, hdrs, own_header(c)); if (n) k += sprintf(h + k, "Content-Type: application/json\r\nContent-Length: %d\r\n", n); k += sprintf(h + k, "\r\n"); put(c, h, k); put(c, b, n); c->st = S_HEAD; }
  if (flush_out(c) < 0) { if (meas()) e_cut++; dead(c); }
}
static void next(conn *c) { done_all++; if (N && done_all >= N) stop_n = 1; if (think) { c->st = S_IDLE; c->wake = now_us() + think * 1000LL; } else start_req(c); }
static void opn(conn *c) {
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0); int on = 1; setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); c->wantw = 1; c->outlen = c->outpos = 0; c->whn = 0; c->wleft = 0; c->kr = 0;
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)}; inet_pton(AF_INET, host, &a.sin_addr);
  int r = connect(c->fd, (void *)&a, sizeof a); c->st = S_CONN; c->t0 = now_us();
  struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c}; epoll_ctl(EP, EPOLL_CTL_ADD, c->fd, &e);
  if (r && errno != EINPROGRESS) { if (meas()) e_conn++; dead(c); }
}
static void connected(conn *c) {
  int er = 0; socklen_t l = sizeof er; getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &er, &l); if (er) { if (meas()) e_conn++; dead(c); return; }
  mod(c, 0);
  if (mode == M_WS) { char h[10240]; int k = snprintf(h, sizeof h, "GET %s HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s%s\r\n", path, host, port, hdrs, own_header(c)); c->hn = 0; c->st = S_WSHS; put(c, h, k); if (flush_out(c) < 0) dead(c); }
  else start_req(c);
}
static void complete(conn *c) { /* HTTP response fully read */
  int good = c->status >= 200 && c->status < 300;
  if (meas()) { if (!good) e_status[c->status < 600 ? c->status : 599]++; else if (c->err) e_app++; else if (mode == M_SSE && !c->done) e_nodone++; else { ok++; push(&lat, tnow - c->t0); } }
  if (c->close_after) { done_all++; if (N && done_all >= N) stop_n = 1; close(c->fd); c->fd = -1; if (N && started >= N) { c->st = S_IDLE; c->wake = INT64_MAX; } else opn(c); }
  else next(c);
}
static int bodyfeed(conn *c, const char *p, int n) { /* 1 = response complete */
  if (c->bmode == B_LEN) { int k = n < c->left ? n : (int)c->left; scan(c, p, k); c->left -= k; return c->left == 0; }
  if (c->bmode == B_CLOSE) { scan(c, p, n); return 0; }
  while (n > 0) switch (c->cst) {
    case 0: { char ch = *p++; n--; if (isxdigit((unsigned char)ch)) c->csz = c->csz * 16 + (isdigit((unsigned char)ch) ? ch - '0' : (ch | 32) - 'a' + 10); else if (ch == '\n') { c->cst = c->csz ? 1 : 3; c->left = c->csz; c->hn = 0; } else if (ch == ';') c->cst = 5; break; }
    case 5: { char ch = *p++; n--; if (ch == '\n') { c->cst = c->csz ? 1 : 3; c->left = c->csz; c->hn = 0; } break; }
    case 1: { int k = n < c->left ? n : (int)c->left; scan(c, p, k); p += k; n -= k; c->left -= k; if (!c->left) { c->cst = 2; } break; }
    case 2: { char ch = *p++; n--; if (ch == '\n') { c->cst = 0; c->csz = 0; } break; }
    case 3: { char ch = *p++; n--; if (ch == '\n') { if (c->hn == 0) return 1; c->hn = 0; } else if (ch != '\r') c->hn++; break; }
  }
  return 0;
}
static void wsmsg_end(conn *c) {
  if (c->st == S_BUSYWS) {
    if (meas()) frames++;
    if (c->err || c->done) { if (meas()) { if (c->err) e_app++; else { ok++; push(&lat, tnow - c->t0); } } next(c); }
  }
}
static void wsfeed(conn *c, const char *p, int n) {
  while (n > 0 && c->fd >= 0) {
    if (c->wleft == 0) { /* header */
      int need = 2; if (c->whn >= 2) { int l = c->wh[1] & 127; need = l == 126 ? 4 : l == 127 ? 10 : 2; }
      c->wh[c->whn++] = *p++; n--;
      if (c->whn >= 2) { int l = c->wh[1] & 127; need = l == 126 ? 4 : l == 127 ? 10 : 2; }
      if (c->whn < need || c->whn < 2) continue;
      int64_t l = c->wh[1] & 127; if (l == 126) l = c->wh[2] << 8 | c->wh[3]; else if (l == 127) { l = 0; for (int i = 2; i < 10; i++) l = l << 8 | c->wh[i]; }
      c->wop = c->wh[0] & 15; c->wleft = l; c->whn = 0; c->hn = 0;
      if (l) continue;
    } else {
      int k = n < c->wleft ? n : (int)c->wleft;
      if (c->wop < 3) { if (c->st == S_WSREADY) { for (int i = 0; i < k; i++) if (kstep(&KR, &c->kr, p[i])) c->done = 1; } else if (c->st == S_BUSYWS) scan(c, p, k); }
      else if (c->hn + k < 200) { memcpy(c->hd + c->hn, p, k); c->hn += k; }
      p += k; n -= k; c->wleft -= k; if (c->wleft) continue;
    }
    if (c->wop == 8) { if (meas()) e_cut++; dead(c); return; }
    if (c->wop == 9) { ws_send(c, c->hd, c->hn, 10); flush_out(c); continue; }
    if (c->wop == 10) continue;
    if (c->st == S_WSREADY) { if (c->done) start_req(c); continue; }
    wsmsg_end(c);
  }
}
static void onread(conn *c) {
  static char b[262144];
  for (int rounds = 0; rounds < 4 && c->fd >= 0; rounds++) {
    ssize_t r = recv(c->fd, b, sizeof b, 0);
    if (r < 0 && errno == EAGAIN) return;
    tnow = now_us();
    if (r <= 0) {
      if (c->st == S_BODY && c->bmode == B_CLOSE && r == 0) { c->close_after = 1; complete(c); return; }
      if (c->st != S_IDLE && !(c->st == S_HEAD && c->hn == 0 && tnow - c->t0 < 2000) && meas()) { e_cut++; }
      dead(c); return;
    }
    bytes_in += r; char *p = b; int n = r;
    while (n > 0 && (c->st == S_HEAD || c->st == S_WSHS)) {
      int k = n < (int)sizeof c->hd - 1 - c->hn ? n : (int)sizeof c->hd - 1 - c->hn; memcpy(c->hd + c->hn, p, k); int old = c->hn; c->hn += k; c->hd[c->hn] = 0;
      char *e = strstr(c->hd, "\r\n\r\n"); if (!e) { n = 0; if (c->hn >= (int)sizeof c->hd - 1) { e_cut++; dead(c); } break; }
      int used = e + 4 - c->hd - old; p += used; n -= used; e[2] = 0;
      c->status = atoi(c->hd + 9);
      if (c->status == 100) { c->hn = 0; continue; }
      if (c->st == S_WSHS) {
        if (c->status != 101) { e_status[c->status < 600 && c->status > 0 ? c->status : 599]++; dead(c); c->wake = now_us() + 500000; return; }
        c->whn = 0; c->wleft = 0; c->done = 0;
        if (init) { int m; char *x = expand(c, init, &m); ws_send(c, x, m, 1); flush_out(c); }
        if (!asks(c)) c->st = S_OPEN; else if (haveR) c->st = S_WSREADY; else if (think && !started) { c->st = S_IDLE; c->wake = tnow; } else start_req(c);
        break;
      }
      c->bmode = B_CLOSE; c->left = 0; c->close_after = 0; c->cst = 0; c->csz = 0;
      for (char *l = strstr(c->hd, "\r\n"); l; l = strstr(l + 2, "\r\n")) {
        if (!strncasecmp(l + 2, "content-length:", 15)) { c->bmode = B_LEN; c->left = atoll(l + 17); }
        else if (!strncasecmp(l + 2, "transfer-encoding:", 18)) c->bmode = B_CHUNK;
        else if (!strncasecmp(l + 2, "connection:", 11)) { char *q = l + 13; while (*q == ' ') q++; if (!strncasecmp(q, "close", 5)) c->close_after = 1; }
      }
      c->st = S_BODY; c->hn = 0;
      if (c->bmode == B_LEN && c->left == 0) { complete(c); return; }
    }
    if (n > 0) { if (mode == M_WS) wsfeed(c, p, n); else if (c->st == S_BODY && bodyfeed(c, p, n)) { complete(c); return; } }
    if (r < (ssize_t)sizeof b) return;
  }
}
static int cmp(const void *a, const void *b) { int64_t x = *(int64_t *)a, y = *(int64_t *)b; return x < y ? -1 : x > y; }
static void dist(const char *nm, arr *a) {
  if (!a->n) { printf(",\"%s\":null", nm); return; }
  qsort(a->v, a->n, sizeof *a->v, cmp); double s = 0, q = 0; for (size_t i = 0; i < a->n; i++) { s += a->v[i]; q += (double)a->v[i] * a->v[i]; } double m = s / a->n;
#define P(x) (a->v[(size_t)((a->n - 1) * x)] / 1000.0)
  printf(",\"%s\":{\"n\":%zu,\"mean\":%.3f,\"p50\":%.3f,\"p95\":%.3f,\"p99\":%.3f,\"max\":%.3f,\"sd\":%.3f}", nm, a->n, m / 1000, P(.5), P(.95), P(.99), P(1.0), sqrt(fmax(0, q / a->n - m * m)) / 1000);
}
int main(int argc, char **argv) {
  const char *D = "[DONE]", *E = NULL, *R = NULL; int ch;
  while ((ch = getopt(argc, argv, "m:u:c:t:W:N:o:r:g:a:H:K:b:B:i:D:E:R:")) != -1) switch (ch) {
    case 'm': mode = !strcmp(optarg, "ws") ? M_WS : !strcmp(optarg, "sse") ? M_SSE : M_HTTP; break;
    case 'u': url = optarg; break; case 'c': C = atoi(optarg); break; case 't': T = atoi(optarg); break; case 'W': W = atoi(optarg); break; case 'N': N = atol(optarg); break;
    case 'o': to = atoi(optarg); break; case 'r': ramp = atoi(optarg); break; case 'g': think = atoi(optarg); break;
    case 'K': read_own(optarg); break; case 'a': askers = atoi(optarg); break;
    case 'H': strcat(hdrs, optarg); strcat(hdrs, "\r\n"); break; case 'b': body = optarg; break;
    case 'B': { FILE *f = fopen(optarg, "rb"); if (!f) { perror(optarg); return 2; } char *x = calloc(1, 4 << 20); if (fread(x, 1, (4 << 20) - 1, f) == 0) return 2; body = x; break; }
    case 'i': init = optarg; break; case 'D': D = optarg; break; case 'E': E = optarg; break; case 'R': R = optarg; break; default: return 2; }
  if (!url || sscanf(url, "%*[a-z]://%63[0-9.]:%d%511s", host, &port, path) < 2 || strncmp(host, "127.", 4)) { fprintf(stderr, "need -u http://127.x.x.x:port/path (loopback only)\n"); return 2; }
  kinit(&KD, D); kinit(&KF, "data: "); if (E) { kinit(&KE, E); haveE = 1; } if (R) { kinit(&KR, R); haveR = 1; }
  signal(SIGPIPE, SIG_IGN); struct rlimit rl = {65536, 65536}; setrlimit(RLIMIT_NOFILE, &rl);
  EP = epoll_create1(0); cs = calloc(C, sizeof *cs); int64_t t0 = now_us(); tw = t0 + W * 1000000LL; tend = tw + T * 1000000LL;
  for (int i = 0; i < C; i++) { cs[i].fd = -1; cs[i].no = i; cs[i].st = S_DEAD; cs[i].wake = t0 + (int64_t)ramp * 1000 * i / C; }
  struct epoll_event evs[512]; int64_t lastscan = 0;
  while ((tnow = now_us()) < tend && !stop_n) {
    if (tnow - lastscan >= 1000) { lastscan = tnow; for (int i = 0; i < C; i++) { conn *c = &cs[i];
      if (c->st == S_DEAD) { if (tnow >= c->wake) opn(c); } else if (c->st == S_IDLE) { if (tnow >= c->wake) start_req(c); }
      else if (c->st != S_OPEN && tnow - c->t0 > to * 1000000LL) { if (meas()) e_timeout++; dead(c); } } }
    int n = epoll_wait(EP, evs, 512, ramp || think ? 1 : 5);
    for (int i = 0; i < n; i++) { conn *c = evs[i].data.ptr; if (c->fd < 0) continue;
      if (c->st == S_CONN) { if (evs[i].events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) connected(c); continue; }
      if (evs[i].events & EPOLLOUT) { if (flush_out(c) < 0) { if (meas()) e_cut++; dead(c); continue; } }
      if (evs[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP)) onread(c); }
  }
  struct rusage ru; getrusage(RUSAGE_SELF, &ru); double cpu = ru.ru_utime.tv_sec + ru.ru_stime.tv_sec + (ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6;
  int sockets = 0; for (int i = 0; i < C; i++) sockets += cs[i].st == S_OPEN || cs[i].st == S_BUSYWS;
  double secs = (tnow - (N ? t0 : tw)) / 1e6; if (secs <= 0) secs = 1e-9; long es = 0; for (int i = 0; i < 600; i++) es += e_status[i];
  printf("{\"mode\":\"%s\",\"c\":%d,\"secs\":%.2f,\"ok\":%ld,\"all\":%ld,\"errors\":%ld,\"rps\":%.1f,\"frames_s\":%.0f,\"tokens_s\":%.0f,\"mb_in\":%.1f,\"asked_s\":%.1f,\"open\":%d,\"cpu_s\":%.3f", mode == M_WS ? "ws" : mode == M_SSE ? "sse" : "http", C, secs, ok, done_all, es + e_conn + e_cut + e_timeout + e_app + e_nodone, ok / secs, frames / secs, marks / secs, bytes_in / 1e6, asked / secs, sockets, cpu);
  printf(",\"err\":{\"connect\":%ld,\"cut\":%ld,\"timeout\":%ld,\"app\":%ld,\"nodone\":%ld", e_conn, e_cut, e_timeout, e_app, e_nodone); for (int i = 0; i < 600; i++) if (e_status[i]) printf(",\"%d\":%ld", i, e_status[i]); printf("}");
  dist("lat", &lat); dist("ttft", &ttft); dist("gap", &gap); dist("lag", &lag); printf("}\n"); return 0;
}
