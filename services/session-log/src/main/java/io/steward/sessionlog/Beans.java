package io.steward.sessionlog;

import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.blob.s3.BlobStores;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.model.ModelCatalog;
import io.steward.schemas.trace.Tracing;
import io.steward.sessionlog.resource.ResourceParser;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.InstantSource;

/// Parts that other modules define.
@Singleton
class Beans {
  @Produces
  @Singleton
  BlobStore blobs(SessionLogConfig config) {
    return BlobStores.open(config.blobDir(), config.blobS3());
  }

  @Produces
  @Singleton
  RecordFormat recordFormat(BlobStore blobs) {
    return new RecordFormat(blobs);
  }

  @Produces
  @Singleton
  ModelCatalog models(SessionLogConfig config) {
    try {
      return ModelCatalog.load(config.models());
    } catch (IOException e) {
      throw new IllegalStateException("The model catalog cannot be used: " + e.getMessage(), e);
    }
  }

  @Produces
  @Singleton
  Tracing tracing() {
    return Tracing.open("session-log");
  }

  void stop(@Disposes Tracing tracing) {
    tracing.close();
  }

  @Produces
  @Singleton
  ResourceParser resources(SessionLogConfig config) {
    return ResourceParser.of(config.git().hosts());
  }

  @Produces
  @Singleton
  InstantSource clock() {
    return InstantSource.system();
  }
}
