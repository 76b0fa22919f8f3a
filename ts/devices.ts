import { type Calls, withDates } from "./calls.ts";
import type { CallOptions } from "./types.ts";

/** A device of the user that the user pool tracks. */
export interface Device {
  readonly deviceKey: string;
  /** What the service knows of it, such as `device_name` and `last_ip_used`. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Whether it stands for a second factor, where the pool has it so. */
  readonly remembered?: boolean;
  readonly createDate?: Date;
  readonly lastModifiedDate?: Date;
  readonly lastAuthenticatedDate?: Date;
}

/** Parameters of {@link DeviceOperations.get} and {@link DeviceOperations.forget}. */
export interface DeviceOptions extends CallOptions {
  /** Without it this device is meant. */
  readonly deviceKey?: string;
}

/** Parameters of {@link DeviceOperations.updateStatus}. */
export interface UpdateDeviceStatusOptions extends DeviceOptions {
  readonly remembered: boolean;
}

const DATES = ["createDate", "lastModifiedDate", "lastAuthenticatedDate"] as const;

/**
 * The user's devices: {@link AWSMobileClient.deviceOperations}. Where no `deviceKey` is given, each means the device that
 * this session was begun on, and fails with `deviceNotRemembered` where the pool does not know it. Each
 * call is done for the user who was signed in when it was made, or ends with `aborted`.
 */
export class DeviceOperations {
  readonly #calls: Calls;

  /** @internal */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /**
   * All devices that the pool remembers for the user. One that is not remembered the service does not list: {@link get}
   * finds it.
   *
   * @throws {AuthError} `notSignedIn`.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * for (const { attributes, remembered } of await AWSMobileClient.sharedInstance().deviceOperations.list()) {
   *   console.log(attributes["device_name"], remembered);
   * }
   * ```
   */
  async list(options?: CallOptions): Promise<readonly Device[]> {
    const { devices } = await this.#calls.call<{ devices: Device[] }>("deviceOperations.list", options);
    return devices.map((device) => withDates(device, DATES));
  }

  /**
   * This device, or another one of the user's.
   *
   * @throws {AuthError} `deviceNotRemembered`; `resourceNotFound` for a device that does not exist; `notSignedIn`.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const device = await AWSMobileClient.sharedInstance().deviceOperations.get();
   * console.log(device.remembered, device.lastAuthenticatedDate?.toLocaleString());
   * ```
   */
  async get(options?: DeviceOptions): Promise<Device> {
    const { device } = await this.#calls.call<{ device: Device }>("deviceOperations.get", options);
    return withDates(device, DATES);
  }

  /**
   * Lets the pool remember a device, or no longer. In a pool that asks its users, this is what the user has said.
   *
   * @throws {AuthError} `deviceNotRemembered`; `resourceNotFound`; `notSignedIn`.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * await AWSMobileClient.sharedInstance().deviceOperations.updateStatus({ remembered: true });
   * ```
   */
  async updateStatus(options: UpdateDeviceStatusOptions): Promise<void> {
    await this.#calls.call<null>("deviceOperations.updateStatus", options);
  }

  /**
   * Removes a device from the user's. Of this device, what was kept here goes too: the next sign-in is one from a new
   * device, and tokens that were bound to it may not be renewed any more.
   *
   * @throws {AuthError} `deviceNotRemembered`; `resourceNotFound`; `notSignedIn`.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const { deviceOperations } = AWSMobileClient.sharedInstance();
   * await deviceOperations.forget();
   * await deviceOperations.forget({ deviceKey: "us-east-1_3b9d5f64-0c1e-4f3a-9f57-7e2d1c0a8b6e" });
   * ```
   */
  async forget(options?: DeviceOptions): Promise<void> {
    await this.#calls.call<null>("deviceOperations.forget", options);
  }
}
