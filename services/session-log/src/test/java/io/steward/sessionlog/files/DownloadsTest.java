package io.steward.sessionlog.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.http.ApiException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DownloadsTest {
  private static final byte[] BYTES = {1, 2, 3};

  private final Downloads downloads;

  DownloadsTest(@TempDir Path directory) throws IOException {
    BlobStore blobs = new DirectoryBlobStore(directory);
    blobs.put("a", BYTES);
    this.downloads = new Downloads(blobs);
  }

  @Test
  void there_is_room_for_so_many_and_a_closed_one_makes_room_once() throws IOException {
    List<InputStream> open = new ArrayList<>();
    for (int i = 0; i < Downloads.DOWNLOADS_MAX; i++) {
      open.add(downloads.open("a"));
    }

    ApiException refusal = assertThrows(ApiException.class, () -> downloads.open("a"));
    assertEquals(429, refusal.error().status());

    open.getFirst().close();
    open.getFirst().close();
    open.set(0, downloads.open("a"));
    assertArrayEquals(BYTES, open.getFirst().readAllBytes());
    assertThrows(ApiException.class, () -> downloads.open("a"));
    for (InputStream download : open) {
      download.close();
    }
  }

  @Test
  void what_is_not_there_takes_no_room() throws IOException {
    for (int i = 0; i <= Downloads.DOWNLOADS_MAX; i++) {
      assertThrows(NoSuchFileException.class, () -> downloads.open("b"));
    }

    downloads.open("a").close();
  }
}
