package io.steward.agentconfig;

import io.steward.schemas.blob.s3.BlobStores;
import io.steward.schemas.kafka.RecordFormat;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/// The form of records, with the blob store that large bodies are in.
@Singleton
class RecordForm {
  /// @throws IllegalStateException with one sentence when a setting of the bucket cannot be used
  @Produces
  @Singleton
  RecordFormat recordFormat(Settings settings) {
    return new RecordFormat(BlobStores.open(settings.blobDir(), settings.blobS3()));
  }
}
