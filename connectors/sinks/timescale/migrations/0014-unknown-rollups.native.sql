-- What a device does not count is not known by the hour either, as in the continuous aggregate.
ALTER TABLE interfaces_1h
  ALTER COLUMN in_octets_first DROP NOT NULL,
  ALTER COLUMN in_octets_last DROP NOT NULL,
  ALTER COLUMN out_octets_first DROP NOT NULL,
  ALTER COLUMN out_octets_last DROP NOT NULL,
  ALTER COLUMN in_faults_first DROP NOT NULL,
  ALTER COLUMN in_faults_last DROP NOT NULL,
  ALTER COLUMN out_faults_first DROP NOT NULL,
  ALTER COLUMN out_faults_last DROP NOT NULL;
