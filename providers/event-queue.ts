import * as pulumi from "@pulumi/pulumi";
import { propertiesOf, typeToken } from "./remote-provider";

/** Arguments of {@link EventQueue}. Durations are ISO 8601, such as `PT1M`. */
export interface EventQueueArgs {
  /** Name of the connection (`servicebus:<environment>:<name>`); its secrets come from the stack config or the environment. */
  connection: pulumi.Input<string>;
  /** The queue's name. Fixed for the life of the resource. */
  name: pulumi.Input<string>;
  /** Messages of one key stay in order; default true. Fixed while the queue is there. */
  requiresSession?: pulumi.Input<boolean>;
  /** A message that is sent twice is there once; default true. Fixed while the queue is there. */
  duplicateDetection?: pulumi.Input<boolean>;
  /** How long ids are remembered: longer than a sender may be away. Default `PT1H`. */
  duplicateWindow?: pulumi.Input<string>;
  /** How long a reader has for a message; default `PT1M`. */
  lockDuration?: pulumi.Input<string>;
  /** Readings after which a message goes to the queue's dead letters; default 10. */
  maxDeliveryCount?: pulumi.Input<number>;
  /** What is too old goes to the dead letters instead of away; default true. */
  deadLetterOnExpiration?: pulumi.Input<boolean>;
  /** How long a message may wait; without limit when absent. */
  timeToLive?: pulumi.Input<string>;
  /** Size of the queue; the namespace's default when absent. */
  maxSizeInMegabytes?: pulumi.Input<number>;
  /** Largest message, in a premium namespace. */
  maxMessageSizeInKilobytes?: pulumi.Input<number>;
  /** Destroy may lose the messages that it holds; default false. */
  allowLoss?: pulumi.Input<boolean>;
}

/** A queue of Azure Service Bus for the change events of a table. Adopts one that is there; destroy refuses while it holds messages. */
export class EventQueue extends pulumi.CustomResource {
  declare readonly name: pulumi.Output<string>;
  /** The queue was not there before. */
  declare readonly madeByUs: pulumi.Output<boolean>;
  /** Messages that waited to be read when the queue was last looked at. */
  declare readonly messages: pulumi.Output<number | undefined>;
  /** Messages that its readers could not take. */
  declare readonly deadLetters: pulumi.Output<number | undefined>;

  constructor(name: string, args: EventQueueArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = ["madeByUs", "messages", "deadLetters"];
    super(typeToken("EventQueue"), name, propertiesOf("eventQueue", args, outputs), opts);
  }
}
