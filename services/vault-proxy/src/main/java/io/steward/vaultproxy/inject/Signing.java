package io.steward.vaultproxy.inject;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A signature the proxy makes instead of the sandbox, once everything it covers is known.
public sealed interface Signing permits AwsSigning, HmacSigning {
  /// Bytes of a body that is kept until it is signed.
  int BODY_BYTES_MAX = 1_048_576;

  String credentialId();

  /// Whether the whole body has to be there.
  boolean needsBody();

  /// Whether the body must go as it came, because the client has hashed it.
  boolean fixesBody();

  /// The headers that carry the signature.
  ///
  /// @param out what leaves otherwise
  /// @param body what leaves, if it is needed; else anything
  Outcome sign(RequestHead out, byte[] body);

  sealed interface Outcome {}

  /// @param headers to set, each with its one value
  record Signed(Map<String, String> headers) implements Outcome {
    public Signed {
      headers = Map.copyOf(headers);
    }

    @Override
    public String toString() {
      return "Signed" + headers.keySet();
    }
  }

  /// What is to be signed, found out before anything is sent.
  sealed interface Plan {}

  /// @param signings in the order they are made; none for most requests
  record Planned(List<Signing> signings) implements Plan {
    static final Planned NOTHING = new Planned(List.of());

    public Planned {
      signings = List.copyOf(signings);
    }
  }

  /// It must not be sent.
  record Unfit(String sentence) implements Outcome, Plan {}

  /// @param in what the client sent
  /// @param injections those for the host it goes to
  static Plan plan(RequestHead in, List<Injection> injections) {
    List<Signing> codes = new ArrayList<>();
    List<Signing> signatures = new ArrayList<>(); // They may cover the headers of codes.
    for (Injection injection : injections) {
      Plan plan =
          switch (injection.form()) {
            case Injection.SignHmac hmac -> HmacSigning.plan(in, injection.credentialId(), hmac);
            case Injection.SignAws aws -> AwsSigning.plan(in, injection.credentialId(), aws);
            case Injection.Replace _, Injection.GitLogin _ -> Planned.NOTHING;
          };
      switch (plan) {
        case Unfit unfit -> {
          return unfit;
        }
        case Planned(var planned) ->
            planned.forEach(
                signing -> (signing instanceof AwsSigning ? signatures : codes).add(signing));
      }
    }
    codes.addAll(signatures);
    return new Planned(codes);
  }
}
