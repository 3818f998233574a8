package io.steward.schemas.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class KeptOutputsTest {
  @Test
  void the_oldest_files_give_way() {
    KeptOutputs kept = KeptOutputs.NONE;
    for (int i = 0; i <= KeptOutputs.FILES_MAX; i++) {
      kept = kept.plus("sevt_" + i, "blob" + i, 10);
    }

    assertEquals(KeptOutputs.FILES_MAX, kept.files().size());
    assertEquals(KeptOutputs.path("sevt_1"), kept.files().getFirst().path());
  }

  @Test
  void together_they_have_a_limit_but_the_newest_is_always_there() {
    KeptOutputs kept =
        KeptOutputs.NONE
            .plus("sevt_1", "a", 1)
            .plus("sevt_2", "b", KeptOutputs.BYTES_MAX)
            .plus("sevt_3", "c", KeptOutputs.BYTES_MAX + 1);

    assertEquals(1, kept.files().size());
    assertEquals("c", kept.files().getFirst().blobKey());
  }
}
