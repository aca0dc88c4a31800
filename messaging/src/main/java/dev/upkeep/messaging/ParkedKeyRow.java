package dev.upkeep.messaging;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;

/** A key that waits behind a record that can't be processed. */
@Entity
@Table(name = "parked_key")
class ParkedKeyRow {
    @Id
    long id;

    String consumer;
    String key;
    String record;
    String reason;

    @Column(name = "parked_at")
    Instant parkedAt;
}
