package io.steward.vaultproxy.clone;

import io.steward.vaultproxy.clone.CloneFailure.Reason;
import java.io.IOException;
import java.time.Instant;
import org.eclipse.jgit.dircache.DirCache;
import org.eclipse.jgit.dircache.DirCacheBuilder;
import org.eclipse.jgit.dircache.DirCacheEntry;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.treewalk.TreeWalk;

/// The files of a commit, as git's index names them. They are not written to a disk here: the
/// archive takes them from the object database, so no path, link or filter of a repository means
/// anything to this machine.
final class WorkingTree {
  private final Repository repository;
  private final ByteBudget budget;
  private final long filesMax;

  WorkingTree(Repository repository, ByteBudget budget, long filesMax) {
    this.repository = repository;
    this.budget = budget;
    this.filesMax = filesMax;
  }

  /// Writes the index of `commit` and returns it.
  ///
  /// @throws CloneFailure when the files are too many, or too large
  DirCache index(RevCommit commit) throws IOException {
    Instant time = Instant.ofEpochSecond(commit.getCommitTime());
    DirCache index = repository.lockDirCache();
    try (ObjectReader reader = repository.newObjectReader();
        TreeWalk walk = new TreeWalk(reader)) {
      DirCacheBuilder builder = index.builder();
      walk.addTree(commit.getTree());
      long files = 0;
      while (walk.next()) {
        if (++files > filesMax) {
          throw new CloneFailure(
              Reason.CLONE, "The repository has more than " + filesMax + " files.");
        }
        if (walk.isSubtree()) {
          walk.enterSubtree();
        } else {
          builder.add(entry(walk, reader, time));
        }
      }
      builder.finish();
      index.write();
      if (!index.commit()) {
        throw new IOException("the index cannot be written");
      }
      return index;
    } finally {
      index.unlock();
    }
  }

  private DirCacheEntry entry(TreeWalk walk, ObjectReader reader, Instant time) throws IOException {
    DirCacheEntry entry;
    try {
      entry = new DirCacheEntry(walk.getRawPath());
    } catch (IllegalArgumentException e) {
      throw new CorruptObjectException("a path in the tree is not allowed");
    }
    entry.setFileMode(walk.getFileMode());
    entry.setObjectId(walk.getObjectId(0));
    entry.setLastModified(time);
    if (!FileMode.GITLINK.equals(entry.getRawMode())) {
      long size = reader.getObjectSize(entry.getObjectId(), Constants.OBJ_BLOB);
      budget.spend(size);
      entry.setLength(size);
    }
    return entry;
  }
}
