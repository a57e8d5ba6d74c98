-- Short hashes of what the schema holds, so that the next deployment, by files or by Pulumi, knows that it is whole.
-- view: definition, objects
-- Safe to repeat. Nothing when another text made the schema meanwhile.
UPDATE cdc_management.component_version SET objects = {{objects}}
WHERE component = 'cdc_management' AND definition = {{definition}}
