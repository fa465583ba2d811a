"""Writing DAGs: DAG, operators, tasks made from functions, references, templates, the context.

`@dag` and `@task` are in modules of their own, as their names are those of modules here.
Nothing here runs a task: the runtime calls `prepare` and `execute` under a context.
Kept light, because every DAG file imports it: Jinja comes with the first template.
"""

from crosscom.authoring.collecting import collect_dags
from crosscom.authoring.context import (
    Context,
    build_context,
    get_current_context,
    set_current_context,
)
from crosscom.authoring.current_dag import recording_dags
from crosscom.authoring.dag import DAG
from crosscom.authoring.edges import Label, chain, cross_downstream
from crosscom.authoring.operator import BaseOperator
from crosscom.authoring.params import Param
from crosscom.authoring.templates import literal
from crosscom.authoring.trigger_rule import TriggerRule
from crosscom.authoring.variable import Variable
from crosscom.authoring.xcom_arg import XComArg

__all__ = [
    "DAG",
    "BaseOperator",
    "Context",
    "Label",
    "Param",
    "TriggerRule",
    "Variable",
    "XComArg",
    "build_context",
    "chain",
    "collect_dags",
    "cross_downstream",
    "get_current_context",
    "literal",
    "recording_dags",
    "set_current_context",
]
