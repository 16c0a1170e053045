"""How large a file and its parts may be, so that no file costs more time or memory than a table does."""

from django.utils.translation import gettext as _

from crm.shared.errors import ActionRefused

MEGABYTE = 1024**2
MOST_BYTES = 150 * MEGABYTE  # of a file as it comes, and of a packed text once it is unpacked
MOST_XML_BYTES = 600 * MEGABYTE  # of a workbook once it is unpacked: its marks outweigh its words
MOST_COLUMNS = 1000
LONGEST_CELL = MEGABYTE
LONGEST_LINE = 4 * LONGEST_CELL
MOST_MARKS = 200_000  # delimiters in one record, those inside of quotes as well
SAMPLE_BYTES = 256 * 1024
CHUNK = MEGABYTE


def refuse_size(most: int = MOST_BYTES) -> ActionRefused:
    return ActionRefused(_("The file is larger than %(n)d MB.") % {"n": most // MEGABYTE})


def refuse_packed() -> ActionRefused:
    """What is small as a file and boundless once unpacked."""
    return ActionRefused(_("Unpacked, this file is larger than any table that can be brought in."))
