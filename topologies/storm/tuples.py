"""What travels between spout and bolts: references to pictures and their vectors, never bytes."""

RECORD_FIELDS = ("product_id", "message_id", "record")
EMBEDDED_FIELDS = (*RECORD_FIELDS, "embedded")
