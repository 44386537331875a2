/** The server's sentences in German, by their codes. A code without words here is shown as the server wrote it. */
import { money } from '@/lib/format';
import type { Said } from '@/lib/said';

import { joined, kindsIn, list, named, word, type Params, type Told } from '@/locales/saying';

import { de } from './de';

/** „Erklären (Recht)“ */
const subject = ({ task, domain }: Params): string => {
  const area = domain === 'general' || domain === 'computing' || domain === 'math' ? null : named(de.domains, domain);
  const kind = named(de.tasks, task) ?? word(task);
  return area === null ? `„${kind}“` : `„${kind} (${area})“`;
};
const cost = ({ cost_microusd: amount }: Params): string =>
  typeof amount !== 'number' || amount === 0 ? 'kostenlos' : `etwa ${money(amount, 'de')}`;
const amount = (value: unknown): string => (typeof value === 'number' ? money(value, 'de') : word(value));
const chances = ({ quality }: Params): string => `eine gute Antwort in ${word(quality)} von 100 Fällen`;

const PERIODS = { day: 'Tagesbudget', week: 'Wochenbudget', month: 'Monatsbudget', total: 'Gesamtbudget' };
const SCOPES = { tenant: 'Ihres Unternehmens', person: 'Ihres Kontos', team: 'Ihres Teams', key: 'dieses Schlüssels' };
const FAULTS = {
  provider_unavailable: 'der Anbieter ist nicht erreichbar', provider_timeout: 'der Anbieter war zu langsam',
  rate_limited: 'der Anbieter ist überlastet', context_too_long: 'der Text ist zu lang',
};
const ANSWER_FAULTS = {
  empty: 'war leer', bad_call: 'rief ein Werkzeug auf, wie es niemand versteht', refusal: 'war eine Absage',
  truncated: 'war abgeschnitten', no_json: 'war nicht das verlangte JSON', open_code: 'endete mitten im Code',
  repeats: 'drehte sich im Kreis', too_short: 'war zu kurz', wrong_language: 'war in einer anderen Sprache',
};
const CAPABILITIES = { tools: 'Werkzeuge', vision: 'Bilder', json: 'JSON' };

const private_ = (label: unknown): string =>
  label === 'unclassified' ? 'weil er nicht geprüft werden konnte' : 'weil er Vertrauliches enthält';
/** Models that may not answer for the same reason are named together. */
const rejected = ({ rejected: rows }: Params, inner: (said: Said | null) => string | null): string => {
  const reasons = list(rows).map((row) => inner((row as { said: Said | null }).said));
  return [...new Set(reasons)].filter(Boolean).join(' ');
};

export const saidInGerman: Readonly<Record<string, Told>> = {
  // why nothing was answered
  budget_used_up: ({ scope, period }) =>
    `Das ${named(PERIODS, period) ?? 'Budget'} von ${word(scope)} ist aufgebraucht. ${
      period === 'total' ? 'Bitten Sie' : 'Warten Sie auf den nächsten Zeitraum, oder bitten Sie'
    } die Administration um mehr.`,
  budgets_renewed: () => 'Die Budgets werden gerade erneuert. Versuchen Sie es in einigen Sekunden wieder.',
  rights_changing: () => 'Rechte oder Budgets ändern sich gerade. Versuchen Sie es in einigen Sekunden wieder.',
  rights_unknown: () =>
    'Die Datenbank ist nicht erreichbar, deshalb lassen sich Rechte nicht prüfen. Versuchen Sie es gleich noch einmal.',
  restarting: () => 'OpenRoute startet gerade neu. Versuchen Sie es gleich noch einmal.',
  rate_reached: ({ limit, what, scope, wait_s }) =>
    `Die Grenze ${named(SCOPES, scope) ?? ''} von ${word(limit)} ${
      what === 'tokens' ? 'Token' : 'Fragen'
    } je Minute ist erreicht. Versuchen Sie es in ${word(wait_s)} s wieder.`,
  too_many_at_once: () => 'Zu viele Fragen zugleich. Warten Sie einige Antworten ab.',
  no_such_model: ({ model }) => `Ein Modell „${word(model)}“, das Ihr Team verwenden darf, gibt es nicht.`,
  private_refused: ({ types }) =>
    `Vertrauliches darf an kein Modell gesendet werden. Gefunden: ${kindsIn('de', de.entities, types, de.entities.OTHER)}.`,
  shown_masked: ({ types }) =>
    `Es sieht Platzhalter statt vertraulicher Angaben (${kindsIn('de', de.entities, types, de.entities.OTHER)}); die Antwort enthält die Angaben wieder.`,
  exempt: () => 'Die Compliance hat einen Teil dieser Unterhaltung für nicht vertraulich erklärt.',
  not_checked: () => 'Der Text konnte nicht auf Vertrauliches geprüft werden und wurde deshalb nicht gesendet.',
  not_checked_nobody_inside: () =>
    'Der Text konnte nicht auf Vertrauliches geprüft werden, und kein internes Modell kann ihn beantworten.',
  too_long_to_check: () =>
    'Der Text ist zu lang, um auf Vertrauliches geprüft zu werden, und kein internes Modell kann ihn aufnehmen.',
  too_long_for_all: () => 'Der Text ist für alle Modelle zu lang, die Sie verwenden dürfen. Kürzen Sie ihn, oder beginnen Sie neu.',
  no_model: () => 'Für Ihr Team ist kein Modell eingerichtet. Fragen Sie Ihre Administration.',
  nobody_may: (params, inner) => `Kein Modell darf das beantworten. ${rejected(params, inner)}`.trim(),
  your_team_suspended: () => 'Ihr Team ist gesperrt.',
  team_suspended: ({ team }) => `Das Team ${word(team)} ist gesperrt.`,
  not_your_team: () => 'Sie gehören nicht zu diesem Team.',
  another_question: () => 'Diese Kennung gehört zu einer anderen Frage. Es wurde nichts gesendet.',
  question_deleted: () => 'Die Frage mit dieser Kennung wurde gelöscht.',
  unfinished: () => 'Diese Antwort endete vorzeitig. Was angekommen war, ist gespeichert; fragen Sie nach dem Rest.',
  taken_over: () => 'Ein anderer Prozess hat diese Antwort übernommen, weil dieser nicht rechtzeitig reagierte.',
  not_stored: () => 'Die Antwort konnte nicht gespeichert werden. Der Fehler ist festgehalten; fragen Sie noch einmal.',
  defect: () => 'Hier ging etwas schief. Der Fehler ist festgehalten; fragen Sie noch einmal.',
  no_longer_permitted: () => 'Die Regeln wurden inzwischen geändert und erlauben dieses Modell nicht mehr.',
  // why an evaluation does not go on, or an answer has no quality
  lab_budget_reached: ({ worst, left }) =>
    `Die nächste Frage könnte ${amount(worst)} kosten; vom Budget des Laufs sind noch ${amount(left)} übrig.`,
  lab_stopped: () => 'Der Lauf wurde angehalten.',
  lab_person_gone: () => 'Wer diesen Lauf begonnen hat, darf keine Auswertungen mehr starten.',
  lab_given_up: () =>
    'Hier ging immer wieder etwas schief. Der Fehler ist festgehalten; der Lauf kann fortgesetzt werden.',
  lab_too_many: ({ limit, count }) =>
    `Ein Lauf hat 1 bis ${word(limit)} Antworten (Fragen mal Modelle); dieser hätte ${word(count)}.`,
  lab_no_judge: ({ model }) => `Kein anderes Modell darf die Antworten von ${word(model)} beurteilen.`,
  lab_judge_unclear: () => 'Das urteilende Modell hat nicht gesagt, welche Antwort besser ist.',
  lab_no_sandbox: ({ language }) =>
    `Es gibt keine abgeschottete Umgebung, die ${word(language)} ausführt; die Antwort wurde nicht geprüft.`,
  lab_other_model: ({ model }) => `An seiner Stelle hat ${word(model)} geantwortet.`,
  // why this model
  strongest: (p) => `${word(p.model)} ist die stärkste Wahl für ${subject(p)}: ${chances(p)}, ${cost(p)}.`,
  good_value: (p) => `${word(p.model)} bietet viel für ${subject(p)}: ${chances(p)}, ${cost(p)}.`,
  better_but_dearer: (p) =>
    p.cost_microusd === 0
      ? `${word(p.model)} wäre etwas besser und ist kostenlos.`
      : `${word(p.model)} wäre etwas besser, kostet aber ${cost(p)}.`,
  promises_best: (p) => `${word(p.model)} verspricht die beste Antwort für ${subject(p)}: ${chances(p)}.`,
  cheapest: (p) => `${word(p.model)} ist das günstigste Modell, das für ${subject(p)} gut genug ist (${cost(p)}).`,
  comes_closest: (p) => `Kein erlaubtes Modell ist für ${subject(p)} sicher gut genug; ${word(p.model)} kommt dem am nächsten.`,
  unsure: () => 'Es ist nicht klar, was für eine Frage das ist; deshalb wird ein sichereres Modell vorgezogen.',
  best_record: (p) => `${word(p.model)} hat sich für ${subject(p)} am besten bewährt: ${chances(p)}, ${cost(p)}.`,
  tried: (p) =>
    `${word(p.model)} wird diesmal ausprobiert, um zu lernen, wie gut es für ${subject(p)} ist: ${chances(p)}, ${cost(p)}.`,
  nothing_learned: () =>
    'Aus Ergebnissen wurde noch nichts gelernt; deshalb werden Qualität und Kosten gegeneinander abgewogen.',
  learned: (p) => `Ergebnisse ähnlicher Fragen versprechen von ${word(p.model)} ${chances(p)}, ${cost(p)}.`,
  learned_without: (p) =>
    `${word(p.model)} ist nach seinen Leistungen für ${subject(p)} gewählt, ${chances(p)}: Ergebnisse liegen für es nicht vor.`,
  learned_dearer: (p) =>
    `${word(p.model)} verspräche ${chances(p)}, kostet aber ${cost(p)}.`,
  cascade_begins: (p) => `Für ${subject(p)} wird zuerst ${word(p.model)} gefragt (${cost(p)}).`,
  cascade_goes_on: (p) => `${word(p.model)} führt diese Unterhaltung weiter (${cost(p)}).`,
  cascade_escalates: (p) =>
    `Besteht seine Antwort die Prüfung nicht, wird ${word(p.model)} gefragt: ${chances(p)}, ${cost(p)}.`,
  vote: (p) =>
    `${joined('de', list(p.models).map(word))} werden zugleich gefragt; was die meisten sagen, ist die Antwort (zusammen ${cost(p)}).`,
  budget_nudge: ({ percent }) => `${word(percent)} % des Budgets sind verbraucht, deshalb zählen die Kosten mehr als sonst.`,
  budget_cheap: ({ percent }) =>
    `${word(percent)} % des Budgets sind verbraucht, deshalb kommt die günstigere Hälfte der Modelle zuerst.`,
  budget_free: ({ percent }) =>
    `${word(percent)} % des Budgets sind verbraucht, deshalb kommen interne und kostenlose Modelle zuerst.`,
  routes_send: (p) => `Die Wege Ihres Unternehmens führen ${subject(p)} zu ${word(p.model)}.`,
  policy_names: ({ model }) => `Die Richtlinie Ihres Unternehmens schickt jede Frage zu ${word(model)}.`,
  policy_names_in_vain: ({ model }) => `Die Richtlinie Ihres Unternehmens nennt ${word(model)}, das hier nicht antworten darf.`,
  policy_moved: ({ version }) =>
    `Die Richtlinie hat sich inzwischen geändert: Version ${word(version)} ist in Kraft. Bitte noch einmal ansehen.`,
  goes_on: ({ model }) => `${word(model)} führt diese Unterhaltung weiter: Kein anderes Modell wäre deutlich besser.`,
  takes_its_place: ({ sick, model }) => `${word(sick)} antwortet zurzeit nicht, deshalb übernimmt ${word(model)}.`,
  you_chose: ({ model }) => `Sie haben ${word(model)} gewählt.`,
  you_chose_in_vain: ({ model, why, said }, inner) =>
    `Sie haben ${word(model)} gewählt. ${inner(said as Said | null) ?? word(why)}`,
  passed_over: ({ first, model }) =>
    `${word(first)} stand an erster Stelle, aber das Budget deckt dessen längste Antwort nicht; deshalb wurde ${word(model)} gefragt.`,
  answer_lowered: ({ tokens }) => `Das Budget ist fast aufgebraucht, deshalb ist die Antwort auf ${word(tokens)} Token begrenzt.`,
  stays_inside: ({ label }) => `Der Text bleibt intern, ${private_(label)}.`,
  rule_applied: ({ rule }) => `Es galt eine Regel Ihres Unternehmens: ${word(rule)}`,
  switched_by_rule: ({ source, target }) => `${word(source)} darf nach den Regeln von jetzt nicht antworten, deshalb antwortet ${word(target)}.`,
  switched_by_fault: ({ source, target, code }) =>
    `${word(source)} konnte nicht antworten (${named(FAULTS, code) ?? 'Fehler beim Anbieter'}), deshalb antwortet ${word(target)}.`,
  switched_by_check: ({ source, target, fault }) =>
    `Die Antwort von ${word(source)} ${named(ANSWER_FAULTS, fault) ?? 'war nicht gut genug'}, deshalb wurde ${word(target)} gefragt.`,
  shown_after_all: ({ target }) => `Kein anderes Modell konnte antworten, deshalb steht hier doch die erste Antwort von ${word(target)}.`,
  vote_smaller: ({ wanted, models }) =>
    `Von den ${word(wanted)} Modellen, die zugleich antworten sollten, lassen Budget und Regeln übrig: ${joined('de', list(models).map(word))}.`,
  voted: ({ asked, agreed, model }) =>
    `${word(asked)} Modelle wurden zugleich gefragt, ${word(agreed)} stimmen überein; gezeigt wird die Antwort von ${word(model)}.`,
  voted_apart: ({ asked, model }) =>
    `${word(asked)} Modelle wurden zugleich gefragt, keine zwei stimmen überein; gezeigt wird die Antwort von ${word(model)}.`,
  voted_alone: ({ asked, model }) =>
    `${word(asked)} Modelle wurden zugleich gefragt; nur ${word(model)} gab rechtzeitig eine brauchbare Antwort.`,
  switched_midway: ({ source, target, code }) =>
    `${word(source)} brach ab (${named(FAULTS, code) ?? 'Fehler beim Anbieter'}), deshalb schreibt ${word(target)} ab hier weiter.`,
  // why not that one
  unpriced: ({ model }) => `Für ${word(model)} hat niemand einen Preis eingetragen.`,
  must_stay_inside: ({ model, label }) => `${word(model)} ist außerhalb des Unternehmens; der Text bleibt intern, ${private_(label)}.`,
  not_permitted: ({ by, origin }, inner) => inner(origin as Said | null) ?? `Ausgeschlossen durch: ${word(by)}.`,
  not_capable: ({ model, needs }) =>
    `${word(model)} kann damit nicht umgehen: ${joined('de', list(needs).map((need) => named(CAPABILITIES, need) ?? word(need)))}.`,
  context_too_long: ({ model }) => `Der Text ist zu lang für ${word(model)}.`,
  too_dear: ({ model }) => `${word(model)} könnte mehr kosten, als für diese Frage erlaubt ist.`,
  // attachments
  picture_nobody_inside: () =>
    'Ein Bild lässt sich nicht prüfen, und kein Modell im Unternehmen, das sehen kann, ist verfügbar. Bitte ohne das Bild fragen.',
  no_attachment: () => 'Diesen Anhang gibt es nicht.',
  file_too_large: ({ limit }) => `Die Datei ist größer als ${word(limit)} MB. Bitte eine kleinere wählen.`,
  images_too_large: ({ limit }) => `Die Bilder einer Frage dürfen zusammen ${word(limit)} MB haben. Bitte einige weglassen.`,
  too_many_unsent: ({ limit }) => `Es warten schon ${word(limit)} Dateien auf eine Frage. Bitte einige senden oder entfernen.`,
  readers_busy: () => 'Zurzeit werden viele Dateien gelesen. Bitte in einigen Sekunden noch einmal versuchen.',
  file_empty: () => 'Die Datei ist leer. Bitte eine andere wählen.',
  file_unknown: () =>
    'Dateien dieser Art lassen sich nicht lesen. Lesbar sind Text, Programmcode, CSV, PDF, DOCX, XLSX, PNG, JPEG, WEBP und GIF.',
  file_mismatch: () =>
    'Der Inhalt der Datei passt nicht zu ihrem Namen. Bitte im richtigen Format neu speichern oder den Namen berichtigen.',
  file_old_office: () =>
    'Office-Dateien der alten Formate und solche mit Kennwort lassen sich nicht lesen. Bitte ohne Kennwort als DOCX, XLSX oder PDF speichern.',
  file_not_text: () => 'Die Datei sieht wie Text aus, enthält aber andere Daten. Bitte als Text in UTF-8 speichern.',
  file_encrypted: () => 'Die Datei ist durch ein Kennwort geschützt. Bitte ohne Kennwort speichern und noch einmal versuchen.',
  file_no_text: () =>
    'In dieser Datei steht kein Text; vielleicht enthält sie nur gescannte Seiten. Bitte die Seiten als Bilder anhängen oder vorher eine Texterkennung ausführen.',
  file_damaged: () => 'Die Datei ist beschädigt und lässt sich nicht lesen. Bitte neu speichern und noch einmal versuchen.',
  file_too_complex: () =>
    'Diese Datei zu lesen braucht mehr Zeit oder Speicher als erlaubt. Bitte nur einen Teil oder den Text anhängen.',
  file_too_many_pixels: ({ limit }) =>
    `Das Bild hat mehr als ${word(limit)} Megapixel. Bitte verkleinern und noch einmal versuchen.`,
};
