"""Published limits of attachments. Sizes are bytes unless the name says otherwise; times are seconds. Plain Python."""

from typing import Final

MAX_FILE_BYTES: Final = 10_000_000
"""Of one file; the form round it fits into the limit of a body."""
MAX_PER_MESSAGE: Final = 10
MAX_MESSAGE_BYTES: Final = 20_000_000
"""Of all images of one message, and of all images that later turns of its branch show once more."""
MAX_UNSENT: Final = 50
"""Files of one person that no message has taken yet."""
UNSENT_FOR_S: Final = 86_400.0
MAX_NAME_CHARACTERS: Final = 120
MAX_TEXT_BYTES: Final = 190_000
"""Of what is kept of a file: with its name and fences it stays below what is classified in one piece (200 kB)."""
MAX_CELLS: Final = 50_000
MAX_PAGES: Final = 500
MAX_PIXELS: Final = 20_000_000

# The process that reads PDF, DOCX and XLSX.
READER_MEMORY: Final = 512 * 1024 * 1024
READER_TIME_S: Final = 10.0
READER_PATIENCE_S: Final = 7.0
"""After so long a reader gives what it has, if it has text at all."""
READERS_AT_ONCE: Final = 4
READER_WAIT_S: Final = 10.0
MAX_UNPACKED: Final = 100_000_000
"""Of all that is unpacked of one DOCX or XLSX."""
