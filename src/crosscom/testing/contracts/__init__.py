"""The tests of `StoreContract`, by what they are about; `samples` holds what they put in."""
