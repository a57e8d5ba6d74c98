-- Says what this schema was made from. What it then held is written by whoever made it, after a look.
-- view: definition
-- Safe to repeat.
UPDATE cdc_management.component_version SET definition = {{definition}}, objects = NULL
WHERE component = 'cdc_management'
