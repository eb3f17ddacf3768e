-- include: audit_v1, row_security_v1

-- Keys, members, and what a workspace is.
SELECT audit_table('workspace', 'workspace', 'workspace_id',
    '{slug,name,mode,zone,currency,allowed_origins}');
SELECT audit_table('api_key', 'api_key', 'id',
    '{name,prefix,last4,scopes,created_by,expires_at,revoked_at,replaces_id}', '{digest}',
    '{"revoked_at": {"*": "revoked"}, "expires_at": {"*": "expiring"}, "insert": {"replaces_id": {"*": "rotated"}}}');
SELECT audit_table('membership', 'membership', 'id', '{issuer,subject,role,created_by}');
SELECT audit_table('clock_advance', 'sandbox_clock', 'workspace_id', '{began_at,target}', '{}', '{}',
    'INSERT OR UPDATE');
