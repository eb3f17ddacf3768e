-- Payments registered by mistake can be undone, or moved to another contact.
-- Each constraint is widened: what there is satisfies it already, so it need not be checked again.
-- squawk-ignore-file ban-drop-constraint

ALTER TABLE payment
    ADD COLUMN voided_at timestamptz,
    ADD COLUMN void_reason text,
    ADD COLUMN moved_from_contact_id uuid,
    -- The external reference of a voided payment: its own column no longer has it, so another payment may.
    ADD COLUMN released_reference text;
ALTER TABLE payment DROP CONSTRAINT payment_state;
ALTER TABLE payment
    ADD CONSTRAINT payment_state CHECK (state IN ('pending', 'processing', 'requires_action', 'succeeded',
        'failed', 'unknown', 'needs_review', 'canceled', 'voided')) NOT VALID,
    ADD CONSTRAINT payment_voided_for_a_reason CHECK (
        (state = 'voided') = (voided_at IS NOT NULL) AND (voided_at IS NULL) = (void_reason IS NULL)) NOT VALID,
    ADD CONSTRAINT payment_voided_frees_its_reference CHECK (
        CASE WHEN state = 'voided' THEN external_reference ELSE released_reference END IS NULL) NOT VALID;

ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_source;
ALTER TABLE ledger_entry ADD CONSTRAINT ledger_entry_source CHECK (source_type IN ('invoice', 'void', 'write_off',
    'reinstatement', 'credit_note', 'payment', 'payment_void', 'payment_move', 'allocation', 'reversal', 'refund',
    'dispute')) NOT VALID;
