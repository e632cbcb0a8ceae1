"""A backup: one zip with the records, the library and the recordings of a school, proved before it is believed.

`make_backup` writes one while the site runs, `prove` reads one to the end, `stage` and `finish` put one in place. The
secret key is never in it, nor who is signed in; the catalogue is derived and made again.
"""

from ..backup import Source, make_backup, take_out_old
from ..backup_file import Contents, Part, prove
from ..restore import PLAN, Places, finish, look, stage

__all__ = [
    "PLAN",
    "Contents",
    "Part",
    "Places",
    "Source",
    "finish",
    "look",
    "make_backup",
    "prove",
    "stage",
    "take_out_old",
]
