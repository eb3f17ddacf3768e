-- What subscriptions bill of usage: their charges, whose usage it is, and what was billed of each period.
CREATE TABLE charge (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    subscription_id uuid NOT NULL,
    key text NOT NULL,
    meter_id uuid NOT NULL,
    -- What its lines say besides quantity and price: name, unit, tax.
    line jsonb NOT NULL,
    price jsonb NOT NULL,
    subjects text[] NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT charge_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT charge_key_is_unique UNIQUE (workspace_id, subscription_id, key),
    CONSTRAINT charge_has_subjects CHECK (cardinality(subjects) > 0),
    CONSTRAINT charge_of_subscription FOREIGN KEY (workspace_id, subscription_id)
        REFERENCES subscription (workspace_id, id),
    CONSTRAINT charge_of_meter FOREIGN KEY (workspace_id, meter_id) REFERENCES meter (workspace_id, id)
);

-- Whose usage of a meter a subscription bills: nobody else does, while it runs.
CREATE TABLE usage_claim (
    workspace_id uuid NOT NULL,
    meter_id uuid NOT NULL,
    subject text NOT NULL,
    subscription_id uuid NOT NULL,
    until_at timestamptz,
    CONSTRAINT usage_claim_pk PRIMARY KEY (workspace_id, subscription_id, meter_id, subject),
    CONSTRAINT usage_claim_of_subscription FOREIGN KEY (workspace_id, subscription_id)
        REFERENCES subscription (workspace_id, id)
);
CREATE UNIQUE INDEX usage_claim_is_one ON usage_claim (workspace_id, meter_id, subject) WHERE until_at IS NULL;

-- A stretch of time of a charge, and what was billed of it. What is billed is always what it comes to now, less
-- what was billed before.
CREATE TABLE usage_period (
    workspace_id uuid NOT NULL,
    charge_id uuid NOT NULL,
    from_at timestamptz NOT NULL,
    subscription_id uuid NOT NULL,
    until_at timestamptz NOT NULL,
    -- The whole period of the calendar that it is, or is a part of.
    nominal_from timestamptz NOT NULL,
    nominal_until timestamptz NOT NULL,
    state text NOT NULL,
    -- When it is looked at next, on the workspace's clock.
    look_at timestamptz NOT NULL,
    billed_quantity numeric NOT NULL DEFAULT 0,
    billed_minor bigint NOT NULL DEFAULT 0,
    CONSTRAINT usage_period_pk PRIMARY KEY (workspace_id, charge_id, from_at),
    CONSTRAINT usage_period_state CHECK (state IN ('open', 'billed', 'final')),
    CONSTRAINT usage_period_ascends CHECK (from_at <= until_at AND nominal_from < nominal_until),
    CONSTRAINT usage_period_of_charge FOREIGN KEY (workspace_id, charge_id) REFERENCES charge (workspace_id, id)
);
CREATE UNIQUE INDEX usage_period_one_open ON usage_period (workspace_id, charge_id) WHERE state = 'open';
CREATE INDEX usage_period_due ON usage_period (workspace_id, look_at) WHERE state <> 'final';
CREATE INDEX usage_period_by_subscription ON usage_period (workspace_id, subscription_id, from_at);

-- Raw usage of a day stays while a period that is not final begins or ends within one of its hours.
CREATE OR REPLACE FUNCTION drop_usage_partition(days integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = subscription_renewal, pg_temp
SET lock_timeout = '1s'
AS $$
DECLARE
    oldest text;
BEGIN
    -- Longer than an event may come late.
    IF days IS NULL OR days < 36 THEN
        RAISE EXCEPTION 'raw usage is kept for 36 days or longer' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT c.relname INTO oldest
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'usage_event_live'::regclass
      AND right(c.relname, 8) < to_char((now() AT TIME ZONE 'UTC')::date - days, 'YYYYMMDD')
      AND NOT EXISTS (
        SELECT FROM usage_period p CROSS JOIN LATERAL (VALUES (p.from_at), (p.until_at)) AS edge (at)
        WHERE p.state <> 'final' AND edge.at <> date_trunc('hour', edge.at, 'UTC')
          AND right(c.relname, 8) = to_char(edge.at AT TIME ZONE 'UTC', 'YYYYMMDD'))
    ORDER BY c.relname LIMIT 1;
    IF oldest IS NOT NULL THEN
        EXECUTE format('DROP TABLE %I', oldest);
    END IF;
    RETURN oldest;
END $$;

SELECT audit_table('charge', 'charge', 'id', '{subscription_id,key,meter_id,line,price,subjects}', '{}', '{}',
    'INSERT');

-- include: row_security_v1
