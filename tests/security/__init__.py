"""What can be done to the site and what holds against it: a module for each subject, named in docs/security.md."""
