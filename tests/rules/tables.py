"""All doors as lines of tables: route, method, thing, and the answer to each of the cast."""

from tests.rules import doors
from tests.rules.api_doors import API
from tests.rules.framework_doors import ACCOUNT
from tests.rules.page_doors import PAGES

CAST = {"PAGES": doors.PAGE_CAST, "ACCOUNT": doors.PAGE_CAST, "API": doors.API_CAST}
TABLES = {
    name: doors.read(table, cast=CAST[name])
    for name, table in {"PAGES": PAGES, "ACCOUNT": ACCOUNT, "API": API}.items()
}
