"""Running a school: accounts, set-up, planning, presenting and reporting."""
