-- Credit of subscriptions that have stopped: once a subscription, held by a payment of its own.
-- squawk-ignore-file ban-drop-constraint
CREATE TABLE released_credit (
    workspace_id uuid NOT NULL,
    subscription_id uuid NOT NULL,
    payment_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    currency text NOT NULL,
    -- With the tax that is a part of it.
    amount_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    released_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT released_credit_once_a_subscription PRIMARY KEY (workspace_id, subscription_id),
    CONSTRAINT released_credit_held_by_payment FOREIGN KEY (workspace_id, payment_id)
        REFERENCES payment (workspace_id, id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT released_credit_amount_positive CHECK (amount_minor > 0)
);
CREATE UNIQUE INDEX released_credit_by_payment ON released_credit (workspace_id, payment_id);

ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_source;
ALTER TABLE ledger_entry ADD CONSTRAINT ledger_entry_source CHECK (source_type IN ('invoice', 'void', 'write_off',
    'reinstatement', 'credit_note', 'credit_release', 'payment', 'payment_void', 'payment_move', 'allocation',
    'reversal', 'refund', 'dispute')) NOT VALID;

-- include: row_security_v1
