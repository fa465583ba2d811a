"""The operators that come with crosscom, and the base for your own."""

from __future__ import annotations

from crosscom.authoring.bash_operator import BashOperator
from crosscom.authoring.empty_operator import EmptyOperator
from crosscom.authoring.operator import BaseOperator
from crosscom.authoring.python_operator import PythonOperator

__all__ = ["BaseOperator", "BashOperator", "EmptyOperator", "PythonOperator"]
