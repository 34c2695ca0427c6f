"""The shop that both sample hosts are: customers, a login by password and text-message code, two outboxes."""
