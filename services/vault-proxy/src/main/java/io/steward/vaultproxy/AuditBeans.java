package io.steward.vaultproxy;

import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.vault.AuditRetention;
import io.steward.vaultproxy.audit.Audit;
import io.steward.vaultproxy.audit.AuditRelay;
import io.steward.vaultproxy.audit.PostgresUses;
import io.steward.vaultproxy.audit.ProxyAudit;
import io.steward.vaultproxy.audit.UseQueue;
import io.steward.vaultproxy.audit.UseSweep;
import io.steward.vaultproxy.postgres.Transactions;
import io.steward.vaultproxy.topic.KafkaAuditTopic;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import javax.sql.DataSource;

/// Parts that know every use of a credential.
@Singleton
class AuditBeans {
  @Produces
  @Singleton
  PostgresUses credentialUses(DataSource database) {
    return new PostgresUses(new Transactions(database));
  }

  @Produces
  @Singleton
  KafkaAuditTopic auditTopic(VaultSettings settings, RecordFormat format) {
    return new KafkaAuditTopic(settings.bootstrapServers(), format, KafkaAuditTopic.SEND_MAX);
  }

  @Produces
  @Singleton
  AuditRelay auditRelay(PostgresUses uses, KafkaAuditTopic topic) {
    return new AuditRelay(uses, topic);
  }

  @Produces
  @Singleton
  UseQueue useQueue(PostgresUses uses, AuditRelay relay) {
    return new UseQueue(uses, relay::wake);
  }

  /// @throws IllegalStateException with one sentence when the setting is no time
  @Produces
  @Singleton
  UseSweep useSweep(PostgresUses uses, VaultSettings settings, InstantSource clock) {
    try {
      return new UseSweep(uses, AuditRetention.parse(settings.auditRetention()), clock);
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  @Produces
  @Singleton
  ProxyAudit proxyAudit(Audit audit) {
    return new ProxyAudit(audit);
  }

  @Produces
  @Singleton
  Audit audit(UseQueue uses, InstantSource clock) {
    return new Audit(uses, clock);
  }
}
