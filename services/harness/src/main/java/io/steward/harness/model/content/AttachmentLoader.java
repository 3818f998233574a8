package io.steward.harness.model.content;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.harness.decide.ModelFailure;
import io.steward.harness.decide.ModelOutcome;
import io.steward.harness.model.ModelClient;
import io.steward.harness.model.ReplyListener;
import io.steward.harness.request.ModelRequest;
import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.event.Attachment;
import io.steward.schemas.event.RequestUsage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.Base64;
import java.util.HashSet;
import java.util.Set;
import org.jboss.logging.Logger;

/// Puts the bytes of files into requests that name them by id, then asks. Files are read for each
/// request again: a cache would hold in memory what most sessions send only as long as they run.
public final class AttachmentLoader implements ModelClient {
  private static final Logger LOG = Logger.getLogger(AttachmentLoader.class);

  private static final String TEXT = "text/";
  private static final Set<String> IMAGES =
      Set.of("image/jpeg", "image/png", "image/gif", "image/webp");

  private final ModelClient model;
  private final BlobStore blobs;
  private final FileBudget budget;

  public AttachmentLoader(ModelClient model, BlobStore blobs, FileBudget budget) {
    this.model = model;
    this.blobs = blobs;
    this.budget = budget;
  }

  /// Fails when the store does not answer; a file that is gone is not a failure.
  @Override
  public ModelOutcome ask(ModelRequest request, ReplyListener previews) {
    Fitting fitting = Fitting.of(request, budget.requestBytesMax());
    if (!fitting.anyNamed()) {
      return model.ask(request, previews);
    }
    try {
      budget.acquire(fitting.bytes());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return failed();
    }
    try {
      return model.ask(loaded(request, fitting.files()), previews);
    } catch (IOException e) {
      LOG.warnf("A file of a model request could not be read: %s", e);
      return failed();
    } finally {
      budget.release(fitting.bytes());
    }
  }

  @Override
  public void close() {
    model.close();
  }

  private static ModelOutcome failed() {
    return new ModelOutcome.Failed(
        ModelFailure.of(
            ModelFailure.Kind.UNAVAILABLE, "A file of the conversation could not be read."),
        RequestUsage.NONE);
  }

  private ModelRequest loaded(ModelRequest request, Set<String> files) throws IOException {
    ArrayNode messages = request.messages().deepCopy();
    for (ObjectNode block : FileBlocks.in(messages)) {
      String id = FileBlocks.fileId(block);
      Attachment file = request.attachments().get(id);
      if (file == null) {
        FileBlocks.say(block, "(The file " + id + " is not available any more.)");
      } else if (!isReadable(block, file.mediaType())) {
        FileBlocks.say(
            block,
            "(The file `%s` is of type %s, which no model reads.)"
                .formatted(file.filename(), file.mediaType()));
      } else if (files.contains(id)) {
        load(block, file);
      } else {
        FileBlocks.say(
            block,
            "(The file `%s` was left out: the files of one request may have at most %d bytes.)"
                .formatted(file.filename(), budget.requestBytesMax()));
      }
    }
    return Requests.with(request, messages);
  }

  private static boolean isReadable(ObjectNode block, String mediaType) {
    return FileBlocks.isImage(block)
        ? IMAGES.contains(mediaType)
        : mediaType.equals("application/pdf") || mediaType.startsWith(TEXT);
  }

  private void load(ObjectNode block, Attachment file) throws IOException {
    byte[] bytes;
    try {
      bytes = blobs.get(file.blobKey());
    } catch (NoSuchFileException _) {
      FileBlocks.say(block, "(The file `" + file.filename() + "` is not available any more.)");
      return;
    }
    ObjectNode source = JsonNodeFactory.instance.objectNode();
    if (file.mediaType().startsWith(TEXT)) {
      source.put("type", "text").put("media_type", "text/plain");
      source.put("data", new String(bytes, StandardCharsets.UTF_8));
    } else {
      source.put("type", "base64").put("media_type", file.mediaType());
      source.put("data", Base64.getEncoder().encodeToString(bytes));
    }
    block.set("source", source);
    if (FileBlocks.isDocument(block) && !block.hasNonNull("title")) {
      block.put("title", file.filename());
    }
  }

  /// Which files go into a request: the newest ones whose bytes fit.
  ///
  /// @param files ids
  /// @param bytes of all occurrences
  private record Fitting(boolean anyNamed, Set<String> files, int bytes) {
    static Fitting of(ModelRequest request, int bytesMax) {
      Set<String> files = new HashSet<>();
      Set<String> tooLarge = new HashSet<>();
      int bytes = 0;
      boolean any = false;
      for (ObjectNode block : FileBlocks.in(request.messages()).reversed()) {
        any = true;
        String id = FileBlocks.fileId(block);
        Attachment file = request.attachments().get(id);
        if (file == null || tooLarge.contains(id)) {
          continue;
        }
        if (file.sizeBytes() > bytesMax - bytes) {
          tooLarge.add(id);
        } else {
          bytes += (int) file.sizeBytes();
          files.add(id);
        }
      }
      files.removeAll(tooLarge);
      return new Fitting(any, files, bytes);
    }
  }
}
