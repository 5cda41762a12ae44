import type { AnyKind } from '../reconciler/kind.ts';
import { createRegistry } from '../reconciler/registry.ts';
import { AccountType } from './commerce/account-type/kind.ts';
import { Adjustment } from './commerce/adjustment/kind.ts';
import { BillingPolicy } from './commerce/billing-policy/kind.ts';
import { Budget } from './commerce/budget/kind.ts';
import { Bundle } from './commerce/bundle/kind.ts';
import { Campaign } from './commerce/campaign/kind.ts';
import { Catalog } from './commerce/catalog/kind.ts';
import { Channel } from './commerce/channel/kind.ts';
import { DunningPolicy } from './commerce/dunning-policy/kind.ts';
import { ExchangeRate } from './commerce/exchange-rate/kind.ts';
import { Meter } from './commerce/meter/kind.ts';
import { NumberSeries } from './commerce/number-series/kind.ts';
import { PaymentMethod } from './commerce/payment-method/kind.ts';
import { Product } from './commerce/product/kind.ts';
import { RateCard } from './commerce/rate-card/kind.ts';
import { ReportSchedule } from './commerce/report-schedule/kind.ts';
import { Subscription } from './commerce/subscription/kind.ts';
import { TaxRule } from './commerce/tax-rule/kind.ts';
import { Wallet } from './commerce/wallet/kind.ts';
import { ComputeOffering } from './compute/compute-offering/kind.ts';
import { Secret } from './compute/secret/kind.ts';
import { SshKey } from './compute/ssh-key/kind.ts';
import { VirtualMachine } from './compute/virtual-machine/kind.ts';
import { Account } from './identity/account/kind.ts';
import { ApiKey } from './identity/api-key/kind.ts';
import { Domain } from './identity/domain/kind.ts';
import { IdentityProvider } from './identity/identity-provider/kind.ts';
import { Masquerade } from './identity/masquerade/kind.ts';
import { Project } from './identity/project/kind.ts';
import { Quota } from './identity/quota/kind.ts';
import { Role } from './identity/role/kind.ts';
import { User } from './identity/user/kind.ts';
import { Cluster } from './infrastructure/cluster/kind.ts';
import { Host } from './infrastructure/host/kind.ts';
import { Pod } from './infrastructure/pod/kind.ts';
import { Zone } from './infrastructure/zone/kind.ts';
import { Network } from './network/network/kind.ts';
import type { Ports } from './ports.ts';
import { Source } from './source/source/kind.ts';
import { DiskOffering } from './storage/disk-offering/kind.ts';
import { Image } from './storage/image/kind.ts';
import { ImageCopy } from './storage/image-copy/kind.ts';
import { StoragePool } from './storage/storage-pool/kind.ts';
import { Volume } from './storage/volume/kind.ts';
import { VolumeSnapshot } from './storage/volume-snapshot/kind.ts';
import { Announcement } from './support/announcement/kind.ts';
import { EmailTemplate } from './support/email-template/kind.ts';
import { Setting } from './support/setting/kind.ts';

/** Every kind of this installation, grouped, in the order in which documents list them. */
export const KINDS: readonly AnyKind<Ports>[] = [
  // identity
  Domain,
  Account,
  Project,
  Quota,
  User,
  Role,
  ApiKey,
  Masquerade,
  IdentityProvider,
  // infrastructure
  Zone,
  Pod,
  Cluster,
  Host,
  // compute
  ComputeOffering,
  SshKey,
  Secret,
  VirtualMachine,
  // network
  Network,
  // storage
  StoragePool,
  DiskOffering,
  Image,
  ImageCopy,
  Volume,
  VolumeSnapshot,
  // commerce
  Channel,
  Catalog,
  Product,
  Meter,
  Bundle,
  RateCard,
  Campaign,
  TaxRule,
  AccountType,
  BillingPolicy,
  DunningPolicy,
  ExchangeRate,
  ReportSchedule,
  NumberSeries,
  Subscription,
  Budget,
  Wallet,
  PaymentMethod,
  Adjustment,
  // support
  Announcement,
  EmailTemplate,
  Setting,
  // source
  Source,
];

export const REGISTRY = createRegistry<Ports>(KINDS);
