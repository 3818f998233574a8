package io.steward.sandbox.output;

import io.steward.schemas.blob.BlobStore;
import java.io.IOException;
import java.io.InputStream;

/// Lets something happen, and last, after a blob was read and before it is stored.
record DisturbedBlobStore(BlobStore store, Disturbance disturbance) implements BlobStore {
  interface Disturbance {
    void happen(long bytes) throws IOException;
  }

  @Override
  public void put(String key, byte[] bytes) throws IOException {
    store.put(key, bytes);
  }

  @Override
  public long put(String key, InputStream content) throws IOException {
    long bytes = store.put(key, content);
    disturbance.happen(bytes);
    return bytes;
  }

  @Override
  public void copy(String from, String to) throws IOException {
    store.copy(from, to);
  }

  @Override
  public InputStream open(String key) throws IOException {
    return store.open(key);
  }

  @Override
  public void delete(String key) throws IOException {
    store.delete(key);
  }

  @Override
  public byte[] get(String key) throws IOException {
    return store.get(key);
  }

  @Override
  public void deleteAll(String prefix) throws IOException {
    store.deleteAll(prefix);
  }
}
