package io.steward.vaultproxy.web;

import io.steward.vaultproxy.web.MediaType.Kind;

/// What came of one request to one address.
sealed interface Answer {
  /// @param body empty unless the head says that it is of use
  record Page(Head head, Body body) implements Answer {}

  /// No connection: another address of the host may be tried.
  record Unreachable(String sentence) implements Answer {}

  /// It cannot be had from this host.
  record Broken(String sentence) implements Answer {}

  /// The bytes of a page, as they were sent.
  @SuppressWarnings("ArrayRecordComponent") // Read once, never compared.
  record Body(byte[] bytes) {
    static final Body NONE = new Body(new byte[0]);
  }

  /// The start of a response.
  ///
  /// @param location empty when there is none, and so for `encoding`
  record Head(int status, String location, MediaType type, String encoding) {
    private static final int OK = 200;
    private static final int MULTIPLE_CHOICES = 300;

    boolean redirects() {
      boolean moved =
          switch (status) {
            case 301, 302, 303, 307, 308 -> true;
            default -> false;
          };
      return moved && !location.isEmpty();
    }

    boolean successful() {
      return status >= OK && status < MULTIPLE_CHOICES;
    }

    /// Nothing was asked for but the plain bytes; a server that packs them anyway is not unpacked
    /// for, because a little can become a lot.
    boolean packed() {
      return !encoding.isEmpty() && !encoding.equalsIgnoreCase("identity");
    }

    boolean bodyOfUse() {
      return successful() && !packed() && type.kind() != Kind.NONE;
    }
  }
}
