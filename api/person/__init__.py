"""The pages of the people whose accounts are moved: routes, forms and views."""
