"""What to push instead of values of well-known types that cannot be kept as they are.

Types are known by their names: none of these packages is imported.
"""

from __future__ import annotations

from crosscom.serializers.classes import type_name
from crosscom.serializers.layout import mro_of

_LIST = "push list(...) of it"
_FRAME = "frames come with a later release"
_PANDAS = f'{_FRAME}, push .to_dict(orient="list") of it until then'
_POLARS = f"{_FRAME}, push .to_dicts() of it until then"
_ARROW = f"{_FRAME}, push .to_pylist() of it until then"

_REMEDIES = {
    # Their item() gives a number, or an item of their own type.
    "numpy.datetime64": "push .astype('M8[us]').item() of it",
    "numpy.timedelta64": "push .astype('m8[us]').item() of it",
    "numpy.longdouble": "push float(...) of it",
    "numpy.clongdouble": "push complex(...) of it",
    "numpy.generic": "push .item() of it",
    "numpy.ndarray": "push .tolist() of it",
    "pandas.DataFrame": _PANDAS,
    "pandas.core.frame.DataFrame": _PANDAS,
    "pandas.Series": "push .tolist() of it",
    "pandas.core.series.Series": "push .tolist() of it",
    "polars.dataframe.frame.DataFrame": _POLARS,
    "polars.lazyframe.frame.LazyFrame": f"{_FRAME}, push .collect().to_dicts() of it until then",
    "polars.series.series.Series": "push .to_list() of it",
    "pyarrow.lib.Table": _ARROW,
    "pyarrow.lib.RecordBatch": _ARROW,
    **dict.fromkeys(("generator", "map", "filter", "zip", "enumerate", "reversed"), _LIST),
    **dict.fromkeys(("dict_keys", "dict_values", "dict_items"), _LIST),
    **dict.fromkeys(("odict_keys", "odict_values", "odict_items"), _LIST),
}


def remedy_for(cls: type) -> str | None:
    """Give what to push instead of an instance of *cls*, or None where nothing is known.

    >>> remedy_for(map)
    'push list(...) of it'
    """
    for base in mro_of(cls):
        remedy = _REMEDIES.get(type_name(base))
        if remedy is not None:
            return remedy
    return None
