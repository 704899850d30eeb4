-- What exporters call their samplers, VRFs and applications, by their options data.

CREATE TABLE exporter_names (
  device      inet        NOT NULL,
  kind        text        NOT NULL,
  id          text        NOT NULL,
  name        text        NOT NULL,
  description text,
  first_seen  timestamptz NOT NULL,
  last_seen   timestamptz NOT NULL,
  PRIMARY KEY (device, kind, id)
);
COMMENT ON TABLE exporter_names IS 'kind: SAMPLER, VRF or APPLICATION; id: as the flows have it in extra (samplerId, ingressVRFID, applicationId).';
