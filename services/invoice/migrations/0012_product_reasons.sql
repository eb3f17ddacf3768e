-- Why a product's category has no tax: its lines have to say so.
ALTER TABLE product ADD COLUMN tax_exemption_reason text;
