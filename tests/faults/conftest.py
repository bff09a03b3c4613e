from tests.storage.databases import empty as empty
from tests.storage.databases import postgresql as postgresql
from tests.storage.databases import store as store
from tests.storage.databases import url as url
