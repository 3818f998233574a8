package io.steward.schemas.blob;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryBlobStoreTest {
  private static final byte[] BYTES = {1, 2, 3};

  private final Path root;
  private final BlobStore store;

  DirectoryBlobStoreTest(@TempDir Path parent) {
    this.root = parent.resolve("blobs");
    this.store = new DirectoryBlobStore(root);
  }

  @Test
  void what_was_put_is_got() throws IOException {
    store.put("sesn_1/rec_1", BYTES);

    assertArrayEquals(BYTES, store.get("sesn_1/rec_1"));
  }

  @Test
  void putting_the_same_again_has_no_effect_and_leaves_nothing_behind() throws IOException {
    store.put("sesn_1/rec_1", BYTES);
    store.put("sesn_1/rec_1", BYTES);

    assertArrayEquals(BYTES, store.get("sesn_1/rec_1"));
    try (Stream<Path> files = Files.list(root.resolve("sesn_1"))) {
      assertEquals(List.of("rec_1"), files.map(file -> file.getFileName().toString()).toList());
    }
  }

  @Test
  void a_blob_that_is_not_there_is_missing() {
    assertThrows(NoSuchFileException.class, () -> store.get("sesn_1/rec_1"));
  }

  @Test
  void deleting_takes_everything_under_the_prefix_and_nothing_else() throws IOException {
    store.put("sesn_1/rec_1", BYTES);
    store.put("sesn_1/deeper/rec_2", BYTES);
    store.put("sesn_10/rec_1", BYTES);

    store.deleteAll("sesn_1");

    assertThrows(NoSuchFileException.class, () -> store.get("sesn_1/rec_1"));
    assertThrows(NoSuchFileException.class, () -> store.get("sesn_1/deeper/rec_2"));
    assertArrayEquals(BYTES, store.get("sesn_10/rec_1"));
  }

  @Test
  void deleting_what_was_never_stored_is_fine() throws IOException {
    store.deleteAll("sesn_1");

    assertEquals(false, Files.exists(root));
  }

  @Test
  void a_key_cannot_leave_the_directory() {
    for (String key :
        List.of(
            "", "/etc/passwd", "../a", "a/../b", "a//b", "a/", ".hidden", "a/.b", "a b", "a\n")) {
      assertThrows(IllegalArgumentException.class, () -> store.put(key, BYTES), key);
      assertThrows(IllegalArgumentException.class, () -> store.get(key), key);
      assertThrows(IllegalArgumentException.class, () -> store.deleteAll(key), key);
    }
  }
}
