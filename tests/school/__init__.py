"""Tests of accounts, set-up, planning, presenting and reporting."""
