-- include: audit_v2

-- Requests of payments share transactions: the audit log has of each change the request that made it.
