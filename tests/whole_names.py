"""Whole names, and the first and the last name that are found in them.

By the server (``rules.first_and_last_name``) and by the window (``address.ts``).
"""

WHOLE_NAMES = {
    "Ada King Lovelace": ("Ada King", "Lovelace"),
    "Lovelace, Ada": ("Ada", "Lovelace"),
    "Lovelace, Ada King": ("Ada King", "Lovelace"),
    "van der Berg, Jan": ("Jan", "van der Berg"),
    "Plato": ("Plato", ""),
    "Dr. Ada Lovelace, PhD": ("Dr. Ada", "Lovelace"),
    "Ada Lovelace, Ph. D., M.A.": ("Ada", "Lovelace"),
    "Lovelace, Ada, PhD MBA": ("Ada", "Lovelace"),
    "Sammy Davis, Jr.": ("Sammy", "Davis"),
    "Rahman, Md": ("Md", "Rahman"),
    "Ada (Math)": ("Ada", ""),
    "Ada Lovelace (Math) [external]": ("Ada", "Lovelace"),
    "Ada Lovelace, Department of Pure Mathematics": ("Ada", "Lovelace"),
}
