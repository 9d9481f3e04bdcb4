import type { CountedNotices } from './activity.ts';
import type {
  Alarm,
  ChatEvent,
  ChatRole,
  OfferReason,
  QueuePlacement,
  SupervisorRole,
  UserData,
} from './chat-event.ts';
import type { FileQuota, NewFile } from './chat-file.ts';
import type { AgentId, FileId, ParticipantId } from './ids.ts';

export type EventOf<Type extends ChatEvent['type']> = Extract<ChatEvent, { readonly type: Type }>;

/** A message that goes along with an operation (gws-agent-api §4, text/messageType/treatAs). */
export interface Text {
  readonly text: string;
  readonly messageType?: string;
  readonly treatAs?: 'Normal' | 'System';
}

/** A supervisor who watches the agent and comes in with them (gws-agent-api §9). */
export interface JoiningSupervisor {
  readonly agentId: AgentId;
  readonly role: SupervisorRole;
  readonly nickname: string;
  readonly participantId: ParticipantId;
}

/** Whom to hand the chat to. `participantId` is the seat of an agent who is in the chat already, unseen. */
export type TransferTarget =
  | { readonly agentId: AgentId; readonly expiresAtMs: number; readonly participantId: ParticipantId }
  | { readonly placement: QueuePlacement };

/** Whom to ask in. `participantId`: as of a transfer; `referenceId`: of the request, for what becomes of it. */
export interface Asked {
  readonly agentId: AgentId;
  readonly expiresAtMs: number;
  readonly participantId: ParticipantId;
  readonly referenceId: number;
}

interface Completion {
  readonly saveLar: boolean;
  readonly message?: Text;
  /** The key of the user data that must hold a disposition; none when absent. */
  readonly dispositionKey?: string;
}

/** What an agent asks of a chat. The names are those of the API's operations. */
export type AgentCommand = { readonly agentId: AgentId } & (
  | {
      readonly type: 'Accept';
      readonly nickname: string;
      readonly participantId: ParticipantId;
      readonly saveLar: boolean;
      readonly supervisors?: readonly JoiningSupervisor[];
    }
  | { readonly type: 'Reject'; readonly notBeforeMs: number }
  | { readonly type: 'SendMessage' | 'SendToAgents'; readonly message: Text }
  | { readonly type: 'SendUrl'; readonly url: string }
  | { readonly type: 'SendCustomNotice' | 'SendCustomNoticeToAgents'; readonly noticeText: string }
  | {
      readonly type:
        | 'SendStartTypingNotification'
        | 'SendStopTypingNotification'
        | 'SendStartTypingToAgentsNotification'
        | 'SendStopTypingToAgentsNotification';
    }
  | { readonly type: 'InFocus' | 'SetInFocus' | 'CancelConsult' }
  | { readonly type: 'Leave'; readonly message?: Text }
  | ({ readonly type: 'Complete'; readonly placement?: QueuePlacement } & Completion)
  | ({ readonly type: 'LeaveAndComplete' } & Completion)
  | { readonly type: 'Transfer'; readonly to: TransferTarget; readonly message?: Text }
  | { readonly type: 'Consult' | 'Invite'; readonly asked: Asked }
  | {
      readonly type: 'RemoveParticipantFromConference';
      readonly target: AgentId;
      readonly message?: Text;
    }
  | { readonly type: 'AttachUserData' | 'UpdateUserData'; readonly userData: UserData }
  | { readonly type: 'DeleteUserData'; readonly keys: readonly string[] }
  | { readonly type: 'SetDisposition'; readonly key: string; readonly disposition: string }
  | {
      readonly type: 'SwitchToMonitor' | 'SwitchToCoach' | 'SwitchToBargeIn';
      readonly participantId: ParticipantId;
    }
  | { readonly type: 'UploadFile'; readonly file: NewFile; readonly maxFiles: number }
  | { readonly type: 'DeleteFile'; readonly fileId: FileId }
);

export type AgentCommandOf<Type extends AgentCommand['type']> = Extract<
  AgentCommand,
  { readonly type: Type }
>;

/** What the customer asks of their chat (gms-customer-api §2). */
export type CustomerCommand =
  | { readonly type: 'CustomerSend'; readonly message: Text }
  | { readonly type: 'CustomerTyping'; readonly started: boolean; readonly text?: string }
  | { readonly type: 'CustomerUpdateNickname'; readonly nickname: string }
  | { readonly type: 'CustomerPushUrl'; readonly url: string }
  | { readonly type: 'CustomerNotice'; readonly noticeText: string }
  | { readonly type: 'CustomerUpdateData'; readonly userData: UserData }
  /** Everything up to this log entry has been read. */
  | { readonly type: 'CustomerReadReceipt'; readonly position: number }
  | FileCommand
  | { readonly type: 'CustomerLeave' };

/** What customers do with files (gms-customer-api §10); the limits are those of their service. */
export type FileCommand =
  | { readonly type: 'CustomerUploadFile'; readonly file: NewFile; readonly quota: FileQuota }
  | { readonly type: 'CustomerDownloadFile'; readonly fileId: FileId; readonly maxDownloads: number }
  | { readonly type: 'CustomerDeleteFile'; readonly fileId: FileId };

/** What the contact centre itself tells everybody in a chat. `participantId` is that of its short stay in it. */
export interface Announcement {
  readonly participantId: ParticipantId;
  readonly nickname: string;
  readonly text: string;
}

/** What the server itself does with a chat: the router's offers and the clock's time-outs. */
export type SystemCommand =
  | {
      readonly type: 'Offer';
      readonly agentId: AgentId;
      readonly expiresAtMs: number;
      readonly reason: OfferReason;
    }
  | {
      readonly type: 'RevokeOffer';
      readonly agentId: AgentId;
      readonly reason: 'no-answer' | 'agent-gone';
      readonly notBeforeMs: number;
    }
  /** The agent is gone: their part ends, and the customer, when nobody else is there, waits for another. */
  | {
      readonly type: 'AgentGone';
      readonly agentId: AgentId;
      /** Told to a customer who has to wait again; nothing when absent. */
      readonly announcement?: Announcement;
    }
  /** After-chat work took too long. */
  | { readonly type: 'EndAfterChatWork'; readonly agentId: AgentId }
  | { readonly type: 'RaiseAlarm'; readonly alarm: Alarm }
  | { readonly type: 'CustomerGone' }
  | {
      readonly type: 'AlertIdle';
      readonly number: 1 | 2;
      readonly counted: CountedNotices;
      /** When somebody was last active, as far as whoever decided this knew. */
      readonly sinceMs: number;
      /** When the session ends unless somebody is active. */
      readonly closesAtMs: number;
      readonly announcement?: Announcement;
    }
  | { readonly type: 'CloseIdle'; readonly announcement?: Announcement }
  /** The chat has waited long enough in its queue. */
  | { readonly type: 'Overflow'; readonly placement: QueuePlacement }
  /** Nobody could serve the chat: it ends, with or without a word. */
  | { readonly type: 'GiveUp'; readonly announcement?: Announcement };

/** A supervisor asks to come into the chat of the agent `watched` (gws-agent-api §9, Intrude). */
export interface IntrudeCommand {
  readonly type: 'Intrude';
  readonly agentId: AgentId;
  readonly watched: AgentId;
  readonly role: SupervisorRole;
  readonly expiresAtMs: number;
}

export type ChatCommand = AgentCommand | CustomerCommand | SystemCommand | IntrudeCommand;

/** The first command of a chat; it cannot be refused, for everything in it was checked at the edge. */
export interface RequestChat {
  readonly requested: EventOf<'ChatRequested'>;
  readonly participantId: ParticipantId;
  readonly placement: QueuePlacement;
  /** A first message that some widgets send along (gms-customer-api §2, row 1). */
  readonly message?: Text;
  /** What the customer is told at once. */
  readonly announcement?: Announcement;
}

/** The role that each of a supervisor's switches leads to. */
export const switchedRole = {
  SwitchToMonitor: 'Monitor',
  SwitchToCoach: 'Coach',
  SwitchToBargeIn: 'BargeIn',
} as const satisfies Record<string, ChatRole>;
