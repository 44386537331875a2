import type { en } from '@/locales/palette';

export const de: typeof en = {
  palette: {
    title: 'Suche und Befehle',
    label: 'Unterhaltungen und Befehle suchen',
    placeholder: 'Wohin, oder was tun?',
    recent: 'Zuletzt',
    commands: 'Befehle',
    go: 'Gehe zu',
    conversations: 'Unterhaltungen',
    found_one: '{{count}} Eintrag',
    found_other: '{{count}} Einträge',
    none: 'Nichts gefunden für „{{query}}“.',
    searching: 'Suche läuft',
    offline: 'Ohne Verbindung werden nur Titel durchsucht.',
    new: 'Neue Unterhaltung',
    theme: 'Darstellung: {{name}}',
    language: 'Sprache: {{name}}',
    keys: 'Alle Tasten zeigen',
    list: 'Unterhaltungen zeigen',
    why: 'Protokoll der Antwort schließen',
  },
  keySheet: {
    title: 'Tasten',
    single: 'Tasten ohne Strg oder Alt',
    singleHint: 'Abschalten hilft bei Sprachsteuerung und gegen versehentliche Eingaben. Dieser Browser merkt es sich.',
    off: 'aus',
    then: 'dann',
    or: 'oder',
    groups: { everywhere: 'Überall', go: 'Gehe zu', list: 'In der Liste der Unterhaltungen', composer: 'Im Textfeld', answer: 'Auf einer Antwort', dialogs: 'In Menüs und Dialogen' },
    what: {
      palette: 'Suche und Befehle', sheet: 'Diese Übersicht', newConversation: 'Neue Unterhaltung', neighbour: 'Nächste oder vorige Unterhaltung',
      search: 'Unterhaltungen durchsuchen', undo: 'Letztes Löschen rückgängig machen', toast: 'Zur Meldung am unteren Rand', close: 'Oberste Ebene schließen',
      move: 'Bewegen', ends: 'Erste oder letzte', open: 'Öffnen', rename: 'Umbenennen', delete: 'Löschen', menu: 'Menü einer Unterhaltung',
      send: 'Senden', line: 'Neue Zeile', stop: 'Antwort anhalten', model: 'Modell wählen', why: 'Warum dieses Modell', again: 'Noch einmal antworten', edit: 'Frage bearbeiten',
      choose: 'Wählen', letters: 'Nach Anfangsbuchstaben springen',
    },
    names: {
      Ctrl: 'Strg', Shift: 'Umschalt', Alt: 'Alt', Enter: 'Eingabe', Escape: 'Esc', Delete: 'Entf', Home: 'Pos1', End: 'Ende', Up: '↑', Down: '↓', Menu: 'Menü',
      letters: 'A–Z',
    },
  },
};
