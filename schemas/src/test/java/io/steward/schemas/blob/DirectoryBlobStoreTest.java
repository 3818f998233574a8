package io.steward.schemas.blob;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryBlobStoreTest extends BlobStoreContract {
  private final Path root;
  private final BlobStore store;

  DirectoryBlobStoreTest(@TempDir Path parent) {
    this.root = parent.resolve("blobs");
    this.store = new DirectoryBlobStore(root);
  }

  @Override
  protected BlobStore store() {
    return store;
  }

  /// A volume that is not mounted.
  @Override
  protected BlobStore away() {
    return store;
  }

  @Override
  protected List<String> stored() throws IOException {
    if (!Files.exists(root)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(Files::isRegularFile)
          .map(file -> root.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void the_directory_is_made_with_the_first_blob() throws IOException {
    store.deleteAll("sesn_1");

    assertEquals(false, Files.exists(root));
  }
}
