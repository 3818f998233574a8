package io.steward.sessionlog;

import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.kafka.RecordFormat;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;

/// Parts that other modules define.
@Singleton
class Beans {
  @Produces
  @Singleton
  BlobStore blobs(SessionLogConfig config) {
    return new DirectoryBlobStore(config.blobDir());
  }

  @Produces
  @Singleton
  RecordFormat recordFormat(BlobStore blobs) {
    return new RecordFormat(blobs);
  }

  @Produces
  @Singleton
  InstantSource clock() {
    return InstantSource.system();
  }
}
