-- What happened cannot be made not to have happened.
REVOKE UPDATE, DELETE, TRUNCATE ON change_log FROM invoice_api, invoice_worker;
