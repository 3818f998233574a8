package io.steward.vaultproxy.clone;

import io.steward.vaultproxy.clone.CloneFailure.Reason;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLException;
import org.eclipse.jgit.api.errors.GitAPIException;
import org.eclipse.jgit.dircache.DirCache;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.transport.HttpTransport;
import org.jspecify.annotations.Nullable;

/// The main class of a clone's process. What a foreign server sends is read here and nowhere else:
/// whatever it does to memory, time or this program, the service goes on.
///
/// Standard input is the job, and then the life line: when it ends, so does the process. Standard
/// output is the archive. The exit code is 0 for success; else [#FAILURE_FILE] in the job's
/// directory says why: the name of a [Reason] and a sentence, a line each.
public final class CloneProgram {
  /// Where the reason of a failure is.
  public static final String FAILURE_FILE = "failure";

  private static final int FAILED = 1;
  private static final int BUFFER_BYTES = 64 * 1024;
  private static final int MESSAGE_CHARS_MAX = 300;
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;

  private final CloneJob job;
  private final ByteBudget budget;
  private final Connections connections;

  private CloneProgram(CloneJob job) throws IOException {
    this.job = job;
    this.budget = new ByteBudget(job.limits().bytesMax());
    this.connections = new Connections(job, budget);
  }

  public static void main(String[] args) throws IOException {
    InputStream in = new FileInputStream(FileDescriptor.in);
    CloneJob job = CloneJob.readFrom(new DataInputStream(in));
    Thread.ofPlatform().daemon().name("life-line").start(() -> endWith(in));
    try (OutputStream out =
        new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER_BYTES)) {
      run(job, out);
    } catch (CloneFailure e) {
      Files.writeString(
          job.directory().resolve(FAILURE_FILE),
          e.reason() + "\n" + oneLine(job.withoutToken(String.valueOf(e.getMessage()))));
      Runtime.getRuntime().halt(FAILED);
    }
    Runtime.getRuntime().halt(0);
  }

  private static void endWith(InputStream in) {
    try {
      while (in.read() >= 0) {
        continue;
      }
    } catch (IOException e) {
      // As good as its end.
    }
    Runtime.getRuntime().halt(FAILED);
  }

  private static String oneLine(String text) {
    String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
    return line.length() > MESSAGE_CHARS_MAX ? line.substring(0, MESSAGE_CHARS_MAX) + "…" : line;
  }

  /// Clones, and writes the archive to `out`.
  ///
  /// @throws CloneFailure when it does not work, whatever the reason
  private static void run(CloneJob job, OutputStream out) throws CloneFailure {
    CloneProgram program = null;
    try {
      program = new CloneProgram(job);
      program.run(out);
    } catch (IOException | GitAPIException | RuntimeException e) {
      throw failure(job, program == null ? 0 : program.connections.refusal(), e);
    }
  }

  private void run(OutputStream out) throws IOException, GitAPIException {
    HttpTransport.setConnectionFactory(connections);
    Path git = job.directory().resolve("git");
    try (Repository repository =
        new FileRepositoryBuilder()
            .setGitDir(git.toFile())
            .setWorkTree(job.directory().resolve("tree").toFile())
            .build()) {
      repository.create();
      Head head = new Fetch(repository, job).run();
      ObjectId id = head.commit();
      RevCommit commit = id == null ? null : repository.parseCommit(id);
      DirCache index =
          commit == null
              ? null
              : new WorkingTree(repository, budget, job.limits().filesMax()).index(commit);
      write(repository, head, commit, index, out);
    }
  }

  private void write(
      Repository repository,
      Head head,
      @Nullable RevCommit commit,
      @Nullable DirCache index,
      OutputStream out)
      throws IOException {
    long seconds = commit == null ? 0 : commit.getCommitTime();
    try (Archive archive = new Archive(repository, out, seconds)) {
      archive.writeRepository(head, job.url(), index != null);
      if (index != null) {
        archive.writeFiles(index);
      }
    }
  }

  private static CloneFailure failure(CloneJob job, int refusal, Exception failure) {
    String host = URI.create(job.url()).getAuthority();
    Throwable root = failure;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof CloneFailure known) {
        return known;
      }
      root = cause;
    }
    boolean hasToken = job.token() != null;
    return switch (refusal) {
      case UNAUTHORIZED ->
          new CloneFailure(
              Reason.AUTHENTICATION,
              hasToken
                  ? "The host " + host + " rejected the token of the repository."
                  : "The host " + host + " wants a token, and the repository has none.");
      case FORBIDDEN -> new CloneFailure(Reason.FORBIDDEN, "The host " + host + " refused access.");
      case NOT_FOUND ->
          new CloneFailure(Reason.NOT_FOUND, "The host " + host + " does not know the repository.");
      case 0 -> new CloneFailure(Reason.CLONE, sentence(host, job, root));
      default ->
          new CloneFailure(
              Reason.CLONE, "The host " + host + " answered with status " + refusal + ".");
    };
  }

  private static String sentence(String host, CloneJob job, Throwable root) {
    return switch (root) {
      case UnknownHostException _ -> "The host " + host + " cannot be found.";
      case ConnectException _ -> "The host " + host + " does not take connections.";
      case SocketTimeoutException _ ->
          "The host "
              + host
              + " said nothing for "
              + job.limits().silenceSecondsMax()
              + " seconds.";
      case SSLException _, GeneralSecurityException _ ->
          "No trusted connection to the host " + host + " can be made.";
      default ->
          "Cloning failed: " + root.getClass().getSimpleName() + ": " + root.getMessage() + ".";
    };
  }
}
