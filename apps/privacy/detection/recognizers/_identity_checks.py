"""Checks of national identifiers, as the issuing authorities publish them. Input: upper case, no separators."""

from apps.privacy.detection.recognizers._checksums import luhn, mod11_10, weighted


def always(_: str) -> bool:
    return True


def date(year: str, month: str, day: str) -> bool:
    return year.isdecimal() and 1 <= int(month) <= 12 and 1 <= int(day) <= 31


def uk_nhs(d: str) -> bool:
    return (11 - weighted(d, range(10, 1, -1)) % 11) % 11 == int(d[9])


def de_tax(d: str) -> bool:
    counts = [d[:10].count(c) for c in "0123456789"]
    return d[0] != "0" and sorted(counts)[-1] in (2, 3) and sum(c > 1 for c in counts) == 1 and mod11_10(d)


def fr_nir(c: str) -> bool:
    body = c[:13].replace("2A", "19").replace("2B", "18")
    return body.isdecimal() and 97 - int(body) % 97 == int(c[13:])


def es_dni(c: str) -> bool:
    body = c[:-1].translate(str.maketrans("XYZ", "012"))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(body) % 23] == c[-1]


_IT_ODD = dict(zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                   (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8,
                   12, 14, 16,
                    10, 22, 25, 24, 23), strict=True))  # fmt: skip


def it_codice(c: str) -> bool:
    even = sum(int(x) if x.isdecimal() else ord(x) - 65 for x in c[1:15:2])
    return chr(65 + (even + sum(_IT_ODD[x] for x in c[0:15:2])) % 26) == c[15]


def pt_nif(d: str) -> bool:
    rest = weighted(d, range(9, 1, -1)) % 11
    return (0 if rest < 2 else 11 - rest) == int(d[8])


def nl_bsn(d: str) -> bool:
    return weighted(d, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0 and d != "000000000"


def be_nrn(d: str) -> bool:
    return any(97 - int(century + d[:9]) % 97 == int(d[9:]) for century in ("", "2"))


def pl_pesel(d: str) -> bool:
    return (10 - weighted(d, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10) % 10 == int(d[10]) and 1 <= int(d[2:4]) % 20 <= 12


def ean(d: str) -> bool:
    return (10 - weighted(d, (1, 3) * 6) % 10) % 10 == int(d[12])


def at_svnr(d: str) -> bool:
    return weighted(d[:3] + d[4:], (3, 7, 9, 5, 8, 4, 2, 1, 6)) % 11 == int(d[3]) and date(d[8:], d[6:8], d[4:6])


def se_pnr(d: str) -> bool:
    short = d[-10:]
    return luhn(short) and date(short[:2], short[2:4], str(int(short[4:6]) % 60 or 60))


def fi_hetu(c: str) -> bool:
    return "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(c[:6] + c[7:10]) % 31] == c[10] and date(c[4:6], c[2:4], c[:2])


def dk_cpr(d: str) -> bool:
    return date(d[4:6], d[2:4], d[:2])


def no_fnr(d: str) -> bool:
    first = (11 - weighted(d, (3, 7, 6, 1, 8, 9, 4, 5, 2)) % 11) % 11
    second = (11 - weighted(d, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11) % 11
    return (first, second) == (int(d[9]), int(d[10]))


def in_pan(c: str) -> bool:
    return c[3] in "ABCFGHJLPT"


def au_tfn(d: str) -> bool:
    return weighted(d, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0


def au_medicare(d: str) -> bool:
    return weighted(d, (1, 3, 7, 9, 1, 3, 7, 9)) % 10 == int(d[8])


def br_cpf(d: str) -> bool:
    def digit(n: int) -> int:
        return weighted(d[:n], range(n + 1, 1, -1)) * 10 % 11 % 10

    return len(set(d)) > 1 and (digit(9), digit(10)) == (int(d[9]), int(d[10]))


def cn_id(c: str) -> bool:
    total = weighted(c[:17], [2**n % 11 for n in range(17, 0, -1)])
    return "10X98765432"[total % 11] == c[17] and date(c[6:10], c[10:12], c[12:14])


def kr_rrn(d: str) -> bool:
    return date(d[:2], d[2:4], d[4:6]) and (11 - weighted(d, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)) % 11) % 10 == int(
        d[12]
    )


def jp_my(d: str) -> bool:
    rest = weighted(d, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return (0 if rest <= 1 else 11 - rest) == int(d[11])


def sg_nric(c: str) -> bool:
    total = weighted(c[1:8], (2, 7, 6, 5, 4, 3, 2)) + {"T": 4, "G": 4, "M": 3}.get(c[0], 0)
    table = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "F": "XWUTRQPNMLK", "G": "XWUTRQPNMLK", "M": "KLJNPQRTUWX"}[c[0]]
    return (table[10 - total % 11] if c[0] == "M" else table[total % 11]) == c[8]


def za_id(d: str) -> bool:
    return luhn(d) and date(d[:2], d[2:4], d[4:6])


def tr_tckn(d: str) -> bool:
    tenth = (7 * sum(map(int, d[0:9:2])) - sum(map(int, d[1:8:2]))) % 10
    return tenth == int(d[9]) and sum(map(int, d[:10])) % 10 == int(d[10])


def cl_rut(c: str) -> bool:
    rest = 11 - weighted(c[-2::-1], (2, 3, 4, 5, 6, 7) * 2) % 11
    return {10: "K", 11: "0"}.get(rest, str(rest)) == c[-1]


def ro_cnp(d: str) -> bool:
    rest = weighted(d, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    return (1 if rest == 10 else rest) == int(d[12]) and date(d[1:3], d[3:5], d[5:7])


def cz_rc(d: str) -> bool:
    month = int(d[2:4]) % 50
    return date(d[:2], str(month % 20 if month > 12 else month), d[4:6]) and (
        int(d) % 11 == 0 or (int(d[:9]) % 11 == 10 and d[9] == "0")
    )


def bg_egn(d: str) -> bool:
    return weighted(d, (2, 4, 8, 5, 10, 9, 7, 3, 6)) % 11 % 10 == int(d[9]) and date(
        d[:2], str(int(d[2:4]) % 20), d[4:6]
    )


def ee_lt(d: str) -> bool:
    rest = weighted(d, (1, 2, 3, 4, 5, 6, 7, 8, 9, 1)) % 11
    if rest == 10:
        rest = weighted(d, (3, 4, 5, 6, 7, 8, 9, 1, 2, 3)) % 11 % 10
    return rest == int(d[10]) and date(d[1:3], d[3:5], d[5:7])


def hk_id(c: str) -> bool:
    letters = c[:-7]
    values = [ord(x) - 55 for x in letters] if len(letters) == 2 else [36, ord(letters) - 55]
    total = sum(v * w for v, w in zip(values, (9, 8), strict=True)) + weighted(c[-7:-1], (7, 6, 5, 4, 3, 2))
    return (total + int(c[-1].replace("A", "10"))) % 11 == 0


def tw_id(c: str) -> bool:
    head = "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(c[0]) + 10
    return (head // 10 + head % 10 * 9 + weighted(c[1:], (8, 7, 6, 5, 4, 3, 2, 1, 1))) % 10 == 0


def th_id(d: str) -> bool:
    return (11 - weighted(d, range(13, 1, -1)) % 11) % 10 == int(d[12])


def ru_snils(d: str) -> bool:
    return weighted(d, range(9, 0, -1)) % 101 % 100 == int(d[9:])


def il_id(d: str) -> bool:
    return luhn(d)


def hu_taj(d: str) -> bool:
    return weighted(d, (3, 7, 3, 7, 3, 7, 3, 7)) % 10 == int(d[8])


def si_emso(d: str) -> bool:
    return (11 - weighted(d, (7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11) % 11 % 10 == int(d[12]) and date(
        d[4:7], d[2:4], d[:2]
    )


def ie_pps(c: str) -> bool:
    extra = (ord(c[8]) - 64) * 9 if len(c) == 9 and c[8] != "W" else 0
    return "WABCDEFGHIJKLMNOPQRSTUV"[(weighted(c, range(8, 1, -1)) + extra) % 23] == c[7]


def de_rvnr(c: str) -> bool:
    letter = f"{ord(c[8]) - 64:02d}"
    return sum(
        sum(divmod(int(d) * w, 10))
        for d, w in zip(c[:8] + letter + c[9:11], (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True)
    ) % 10 == int(c[11])
