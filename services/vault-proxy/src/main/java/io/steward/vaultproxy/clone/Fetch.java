package io.steward.vaultproxy.clone;

import io.steward.vaultproxy.clone.CloneFailure.Reason;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.api.errors.GitAPIException;
import org.eclipse.jgit.errors.IncorrectObjectTypeException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.NullProgressMonitor;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.StoredConfig;
import org.eclipse.jgit.transport.FetchResult;
import org.eclipse.jgit.transport.RefSpec;
import org.eclipse.jgit.transport.TagOpt;

/// Fetches all branches into an empty repository and finds what to check out.
final class Fetch {
  static final String ORIGIN_BRANCHES = Constants.R_REMOTES + "origin/";
  private static final String FALLBACK_BRANCH = "main";
  private static final List<String> USUAL_BRANCHES = List.of(FALLBACK_BRANCH, "master");

  private final Repository repository;
  private final CloneJob job;

  Fetch(Repository repository, CloneJob job) {
    this.repository = repository;
    this.job = job;
  }

  /// @throws CloneFailure when the branch or commit that is asked for is missing
  /// @throws GitAPIException when fetching fails
  Head run() throws IOException, GitAPIException {
    StoredConfig config = repository.getConfig();
    config.setString("remote", "origin", "url", job.url());
    // What a server sends is checked: no path leads out of the tree, none is there twice.
    config.setBoolean("transfer", null, "fsckObjects", true);
    config.setBoolean("fsck", null, "allowLeadingZeroFileMode", true);
    config.setBoolean("fsck", null, "allowInvalidPersonIdent", true);
    config.save();
    try (Git git = Git.wrap(repository)) {
      FetchResult fetched =
          git.fetch()
              .setRemote("origin")
              .setRefSpecs(new RefSpec("+refs/heads/*:" + ORIGIN_BRANCHES + "*"))
              .setTagOpt(TagOpt.AUTO_FOLLOW)
              .setCheckFetchedObjects(true) // Else JGit overrules the configuration.
              .setTimeout(job.limits().silenceSecondsMax())
              .setProgressMonitor(NullProgressMonitor.INSTANCE)
              .call();
      return switch (job.target()) {
        case CloneJob.Target.DefaultBranch _ -> defaultHead(fetched);
        case CloneJob.Target.Branch branch -> branchHead(branch.name());
        case CloneJob.Target.Commit commit -> commitHead(commit.sha());
      };
    }
  }

  private Head defaultHead(FetchResult fetched) throws IOException {
    Ref head = fetched.getAdvertisedRef(Constants.HEAD);
    if (head == null || head.getObjectId() == null) {
      for (String name : USUAL_BRANCHES) {
        Optional<ObjectId> commit = branch(name);
        if (commit.isPresent()) {
          return new Head(name, commit.get());
        }
      }
      return new Head(FALLBACK_BRANCH, null);
    }
    if (head.isSymbolic()) {
      return new Head(Repository.shortenRefName(head.getTarget().getName()), head.getObjectId());
    }
    for (String name : USUAL_BRANCHES) {
      if (branch(name).filter(head.getObjectId()::equals).isPresent()) {
        return new Head(name, head.getObjectId());
      }
    }
    return new Head(null, head.getObjectId());
  }

  private Head branchHead(String name) throws IOException {
    if (!Repository.isValidRefName(Constants.R_HEADS + name)) {
      throw new CloneFailure(Reason.CHECKOUT, "\"" + name + "\" is not the name of a branch.");
    }
    ObjectId commit =
        branch(name)
            .orElseThrow(() ->
                new CloneFailure(
                    Reason.CHECKOUT, "The repository has no branch \"" + name + "\"."));
    return new Head(name, commit);
  }

  private Optional<ObjectId> branch(String name) throws IOException {
    return Optional.ofNullable(repository.exactRef(ORIGIN_BRANCHES + name)).map(Ref::getObjectId);
  }

  private Head commitHead(String sha) throws IOException {
    if (!ObjectId.isId(sha)) {
      throw new CloneFailure(
          Reason.CHECKOUT, "\"" + sha + "\" is not the id of a commit: 40 hexadecimal digits.");
    }
    try {
      return new Head(null, repository.parseCommit(ObjectId.fromString(sha)).copy());
    } catch (MissingObjectException | IncorrectObjectTypeException e) {
      throw new CloneFailure(
          Reason.CHECKOUT, "No branch of the repository has the commit " + sha + ".");
    }
  }
}
